package dev.fovea.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A graph that was written as ONNX and read again has the same operators: then it computes the same bits, trains with the same bits,
 * and works for the same image sizes.
 */
class SameGraphTest {
  @TempDir
  private Path folder;

  /** All networks but one, in which an image of the same size stands for another. */
  static Stream<String> networks() {
    return Zoo.networks().stream().map(Network::name).filter(name -> !name.equals("fcn-small"));
  }

  @ParameterizedTest
  @MethodSource("networks")
  @Tag("slow")
  void networkOfTheZoo(String name) throws IOException {
    Network network = Zoo.find(name);
    Graph graph =
        Model.graphOf(network.layer(new Network.Settings(4, List.of(32), Pooling.MAX, Activation.RELU)), network.input());
    check(graph);
  }

  private Graph check(Graph graph) throws IOException {
    Path file = folder.resolve("model.onnx");
    Onnx.write(new Model(graph, Parameters.zeros(graph), Card.of("net")), file);
    Graph back = Onnx.read(file, Map.of(Model.INPUT, graph.inputs().getFirst().shape())).graph();
    Files.delete(file);
    assertThat(form(back)).containsExactlyElementsOf(form(Rewrite.inference(graph)));
    return back;
  }

  static Stream<Arguments> operators() {
    Window overlapping = Window.of(3).stride(2);
    return Stream.of(
        operator("adaptive averages", (g, x) -> g.op(new Op.AdaptiveAveragePool(3, 2), x)),
        operator("adaptive maxima", (g, x) -> g.op(new Op.AdaptiveMaxPool(3, 2), x)),
        operator("pad to a multiple", (g, x) -> g.op(new Op.PadToMultiple(16), x)),
        operator("nearest, to a size", (g, x) -> g.op(new Op.Resize(Op.Interpolation.NEAREST, 1), pooled(g, x), x)),
        operator("bilinear, to a size", (g, x) -> g.op(new Op.Resize(Op.Interpolation.BILINEAR, 1), pooled(g, x), x)),
        operator("crop to a size", (g, x) -> g.op(new Op.Crop(0, 0), g.op(new Op.PadToMultiple(8), x), x)),
        operator("maxout", (g, x) -> g.op(new Op.Maxout(3), x)),
        operator("unpool", (g, x) -> g.op(new Op.MaxUnpool(Window.of(2).stride(2)), x,
            g.op(new Op.Tanh(), g.op(new Op.MaxPool(Window.of(2).stride(2)), x)))),
        operator("unpool with overlapping windows",
            (g, x) -> g.op(new Op.MaxUnpool(overlapping), x, g.op(new Op.Tanh(), g.op(new Op.MaxPool(overlapping), x)))),
        operator("unpool, rounding up", (g, x) -> g.op(new Op.MaxUnpool(Window.of(2).stride(2).ceil(true)), x,
            g.op(new Op.Tanh(), g.op(new Op.MaxPool(Window.of(2).stride(2).ceil(true)), x)))),
        operator("pick", (g, x) -> g.op(new Op.MaxPick(overlapping), x, g.op(new Op.Tanh(), x))),
        operator("normalised groups", (g, x) -> g.op(new Op.RowNormalization(1, 2, 1e-3f), x)),
        operator("normalised images", (g, x) -> g.op(new Op.RowNormalization(1, 1, 1e-3f), x)),
        operator("normalised channels", (g, x) -> g.op(new Op.RowNormalization(1, 6, 1e-3f), x)),
        operator("local response", (g, x) -> g.op(new Op.Lrn(5, 1e-4f, 0.75f, 1), x)));
  }

  /** Appends a network to an input. */
  interface Body {
    Value of(GraphBuilder g, Value x);
  }

  private static Arguments operator(String name, Body body) {
    return Arguments.argumentSet(name, body);
  }

  private static Value pooled(GraphBuilder g, Value x) {
    return g.op(new Op.AveragePool(Window.of(5).stride(3), false), x);
  }

  @ParameterizedTest
  @MethodSource("operators")
  void operatorForImagesOfAnySize(Body body) throws IOException {
    GraphBuilder g = new GraphBuilder();
    g.output(Model.OUTPUT, body.of(g, g.input(Model.INPUT, Shape.of(1, 6, 33, 40))));
    assertThat(check(g.build()).inputs().getFirst().fixed()).isEmpty();
  }

  /** The operators with what they read: parameters by their names, numbers, and the places of operators before. */
  private static List<String> form(Graph graph) {
    Map<Value, String> known = new HashMap<>();
    List<String> form = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      String text = switch (node.op()) {
        case Op.Input(String name, Shape shape, _) -> name + " " + shape;
        case Op.Param(String name, Shape shape, _, boolean trainable) -> name + " " + shape + (trainable ? "" : " frozen");
        case Op.Fill fill -> fill.toString();
        default -> "#" + form.size();
      };
      if (!(node.op() instanceof Op.Source)) {
        form.add(text + " = " + withoutChoice(node.op()) + " of " + node.inputs().stream().map(known::get).toList());
      }
      known.put(new Value(i), text);
    }
    return form;
  }

  /** Where nothing is padded, it does not matter whether padding counts. */
  private static Op withoutChoice(Op op) {
    return op instanceof Op.AveragePool(Window w, _) && w.top() + w.left() + w.bottom() + w.right() == 0
        ? new Op.AveragePool(w, false)
        : op;
  }
}

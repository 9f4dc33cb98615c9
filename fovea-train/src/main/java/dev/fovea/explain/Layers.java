package dev.fovea.explain;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The layers of a network's graph by their paths, as {@code fovea summary} lists them. */
public final class Layers {
  private Layers() {}

  /**
   * A layer's result: the last node of that path, or of the layers in it, that the output depends on.
   *
   * @throws FoveaException if there is none, naming the nearest paths
   */
  public static Value named(Graph graph, String path) {
    boolean[] needed = needed(graph, graph.output(Model.OUTPUT));
    int last = IntStream.range(0, needed.length)
        .filter(i -> needed[i] && isIn(graph.nodes().get(i), path) && !(graph.nodes().get(i).op() instanceof Op.Source)).max()
        .orElseThrow(() -> {
          List<String> paths = graph.nodes().stream().map(Node::path).filter(p -> !p.isEmpty()).distinct().toList();
          return new FoveaException("there is no layer '" + path + "': " + Names.nearest(path, paths)
              + "; fovea summary lists all");
        });
    return new Value(last);
  }

  /** Whether a node belongs to that layer, or to one in it. */
  public static boolean isIn(Node node, String path) {
    return node.path().equals(path) || node.path().startsWith(path + ".");
  }

  /** The last node with weights, which scores the classes. */
  public static Value classifier(Graph graph) {
    boolean[] needed = needed(graph, graph.output(Model.OUTPUT));
    return new Value(IntStream.range(0, needed.length).filter(i -> needed[i] && hasWeights(graph, graph.nodes().get(i))).max()
        .orElse(graph.output(Model.OUTPUT).id()));
  }

  /**
   * The last value of several positions that the classifier reads; a pool to a fixed size counts as a part of the classifier. Empty if
   * there is none.
   */
  public static Optional<Value> lastMaps(Graph graph) {
    Value classifier = classifier(graph);
    boolean[] read = needed(graph, classifier);
    return IntStream.range(0, classifier.id()).map(i -> classifier.id() - 1 - i)
        .filter(i -> read[i] && isMap(graph.nodes().get(i)))
        .mapToObj(Value::new).findFirst();
  }

  private static boolean isMap(Node node) {
    return node.shape().rank() == 4 && node.shape().sizeFrom(2) > 1
        && !(node.op() instanceof Op.Source || node.op() instanceof Op.AdaptiveAveragePool
            || node.op() instanceof Op.AdaptiveMaxPool);
  }

  /** Whether it is a convolution or a product of matrices with a parameter. */
  public static boolean hasWeights(Graph graph, Node node) {
    boolean product = node.op() instanceof Op.Conv || node.op() instanceof Op.ConvTranspose || node.op() instanceof Op.LocalConv
        || node.op() instanceof Op.Gemm || node.op() instanceof Op.MatMul;
    return product && node.inputs().stream().anyMatch(in -> graph.at(in).op() instanceof Op.Param);
  }

  /**
   * What becomes of a layer's result as long as it alone is read, place by place: normalised, added to another value, activated. The
   * result itself is the first.
   */
  public static List<Value> activated(Graph graph, Value result) {
    List<Value> chain = new ArrayList<>(List.of(result));
    for (Optional<Value> next = reader(graph, result); next.isPresent(); next = reader(graph, chain.getLast())) {
      chain.add(next.get());
    }
    return chain;
  }

  private static Optional<Value> reader(Graph graph, Value value) {
    List<Value> readers = IntStream.range(0, graph.nodes().size()).mapToObj(Value::new)
        .filter(v -> graph.at(v).inputs().contains(value)).toList();
    return readers.size() == 1 && isPointwise(graph.at(readers.getFirst()).op())
        && graph.at(readers.getFirst()).shape().equals(graph.at(value).shape()) ? Optional.of(readers.getFirst())
            : Optional.empty();
  }

  /** Whether each element is computed of at most one element of each operand, at the same place where it has one. */
  public static boolean isPointwise(Op op) {
    return switch (op) {
      case Op.Add _, Op.Mul _, Op.Div _, Op.Max _, Op.Less _, Op.Where _, Op.Relu _, Op.LeakyRelu _, Op.Sigmoid _, Op.Tanh _ -> true;
      case Op.Clip _, Op.Elu _, Op.Softplus _, Op.Erf _, Op.Exp _, Op.Log _, Op.Sin _, Op.Cos _, Op.Floor _, Op.Round _ -> true;
      case Op.Pow _, Op.Dropout _, Op.ExponentialRace _, Op.BatchNormalization _ -> true;
      case Op.BatchNormalizationGrad _, Op.ReluGrad _, Op.LeakyReluGrad _, Op.EluGrad _, Op.SigmoidGrad _, Op.TanhGrad _ -> true;
      case Op.ClipGrad _, Op.SigmoidCrossEntropyGrad _ -> true;
      default -> false;
    };
  }

  /** Which nodes a value depends on, itself included, by their numbers. */
  public static boolean[] needed(Graph graph, Value value) {
    boolean[] needed = new boolean[graph.nodes().size()];
    needed[value.id()] = true;
    for (int i = value.id(); i >= 0; i--) {
      if (needed[i]) {
        graph.nodes().get(i).inputs().forEach(in -> needed[in.id()] = true);
      }
    }
    return needed;
  }
}

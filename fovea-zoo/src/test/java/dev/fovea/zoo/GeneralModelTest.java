package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.Softmax;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Prediction;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models with any inputs and outputs, and models of classes whose graph was not written here. */
class GeneralModelTest {
  private static final Shape IMAGE = Shape.of(3, 6, 5);

  @TempDir
  private Path folder;

  /** Two inputs, two outputs: their sum, and their product without the batch's rows being apart. */
  private static Model twoInputs() {
    GraphBuilder g = new GraphBuilder();
    Value left = g.input("left", Shape.of(1, 3));
    Value right = g.input("right", Shape.of(1, 3));
    g.output("sum", g.add(left, right));
    g.output("total", g.op(new Op.Mean(), g.mul(left, right)));
    return of(g.build(), Card.of("two"));
  }

  private static Model of(Graph graph, Card card) {
    return new Model(graph, Parameters.initial(graph, 3), card);
  }

  private static Tensor random(String name, int... dims) {
    Shape shape = Shape.of(dims);
    Tensor tensor = new Tensor(shape, new float[shape.size()]);
    Rng random = Rng.of(5).at(name);
    for (int i = 0; i < tensor.values().length; i++) {
      tensor.values()[i] = random.uniform(i);
    }
    return tensor;
  }

  @Test
  void namedInputsGiveNamedOutputsAtAnyBatchSize() {
    Model model = twoInputs();
    for (int batch = 1; batch <= 6; batch++) {
      Tensor left = random("left", batch, 3);
      Tensor right = random("right", batch, 3);
      Map<String, Tensor> outputs = model.run(Map.of("left", left, "right", right));
      assertThat(outputs.keySet()).containsExactly("sum", "total");
      Tensor sum = Objects.requireNonNull(outputs.get("sum"));
      assertThat(sum.shape()).isEqualTo(Shape.of(batch, 3));
      for (int i = 0; i < 3 * batch; i++) {
        assertThat(sum.values()[i]).isEqualTo(left.values()[i] + right.values()[i]);
      }
      assertThat(Objects.requireNonNull(outputs.get("total")).shape().rank()).isZero();
    }
  }

  @Test
  void aTensorAloneIsForNetworksOfOneInput() {
    Tensor x = random("x", 1, 3);
    assertThatThrownBy(() -> twoInputs().run(x)).isInstanceOf(FoveaException.class)
        .hasMessage("two has 2 inputs: name each tensor's");
  }

  @Test
  void missingUnknownAndMisshapenInputsAreNamed() {
    Model model = twoInputs();
    Tensor x = random("x", 1, 3);
    assertThatThrownBy(() -> model.run(Map.of("left", x))).isInstanceOf(FoveaException.class)
        .hasMessage("the input 'right' of 1x3 is missing, got [left]");
    assertThatThrownBy(() -> model.run(Map.of("left", x, "right", x, "up", x))).isInstanceOf(FoveaException.class)
        .hasMessage("there is no input 'up'; the inputs are [left, right]");
    assertThatThrownBy(() -> model.run(Map.of("left", x, "right", random("y", 3)))).isInstanceOf(FoveaException.class)
        .hasMessage("input 'right': expected 2 axes, as 1x3 has, got 3");
  }

  @Test
  void aModelOfWhichNothingIsKnownOnlyRuns() {
    Model model = twoInputs();
    Image image = new Image(5, 6, 3, new byte[90]);
    assertThatThrownBy(() -> model.predict(image)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("two: nothing is known about what its outputs mean");
    assertThatThrownBy(() -> model.card().preprocessing()).isInstanceOf(FoveaException.class)
        .hasMessageContaining("two: nothing is known about how an image becomes its input");
  }

  @Test
  void classesNeedPreprocessing() {
    assertThatThrownBy(() -> new Card("x", List.of("a", "b"), Optional.empty(), Set.of(), Map.of()))
        .isInstanceOf(FoveaException.class).hasMessageContaining("needs its preprocessing");
  }

  @Test
  void itsFileKeepsTheCard() {
    Preprocessing p = Preprocessing.of(IMAGE, Fit.STRETCH).resize(8).bgr(true).mean(0.1f, 0.2f, 0.3f);
    for (Card card : List.of(
        new Card("two", List.of(), Optional.of(p), Set.of("total"), Map.of("a", "b")),
        Card.of("two"))) {
      Path file = folder.resolve("m.safetensors");
      Model model = of(twoInputs().graph(), card);
      model.save(file);
      assertThat(Model.load(file).card()).isEqualTo(card);
      assertThat(Model.load(file).graph()).hasToString(model.graph().toString());
    }
  }

  /** The same classifier as networks elsewhere are written: other names, a map of one position, a softmax at its end. */
  @Test
  void anotherFormOfAClassifierPredictsTheSame() {
    Card card = new Card("form", List.of("a", "b", "c", "d"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of());
    Model own = Model.create(
        Sequential.of(new Conv2d(4, Window.of(6, 5), 1, true, Conv2d.of(1, 1).init()).named("conv"), new Flatten()), card, 9);
    GraphBuilder g = new GraphBuilder();
    Value map =
        new Conv2d(4, Window.of(6, 5), 1, true, Conv2d.of(1, 1).init()).named("conv").apply(g, g.input("data", IMAGE.batch(1)));
    g.output("prob", new Softmax().apply(g, map));
    Model other = new Model(g.build(), own.parameters(), card);

    Tensor x = random("image", 1, 3, 6, 5);
    assertThat(other.run(x).shape()).isEqualTo(Shape.of(1, 4, 1, 1));
    assertThat(other.segments()).isFalse();
    assertThat(other.standardForm().graph().nodes()).extracting(Node::op)
        .isEqualTo(own.graph().nodes().stream().map(Node::op).toList());
    assertThat(own.standardForm()).isSameAs(own);
    Image image = new Image(5, 6, 3, pixels());
    Prediction expected = own.predict(image);
    assertThat(other.predict(image)).isEqualTo(expected);
    assertThat(expected.scores()).extracting(Prediction.Score::probability).doesNotHaveDuplicates();
  }

  @Test
  void channelsAsTheLastAxisAreMovedOnce() {
    Card card = new Card("form", List.of("a", "b", "c", "d"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of());
    Layer layer = Sequential.of(Conv2d.of(4, 3).named("conv"), new Flatten(), Linear.of(4).named("fc"));
    Model own = Model.create(layer, card, 9);
    GraphBuilder g = new GraphBuilder();
    Value image = g.op(new Op.Input("nhwc", Shape.of(1, 6, 5, 3), List.of(1, 2)));
    g.output("scores", layer.apply(g, g.op(new Op.Transpose(List.of(0, 3, 1, 2)), image)));
    Model other = new Model(g.build(), own.parameters(), card);
    assertThat(other.standardForm().graph().inputs()).containsExactly(new Op.Input("input", IMAGE.batch(1), List.of(2, 3)));
    assertThat(other.predict(new Image(5, 6, 3, pixels()))).isEqualTo(own.predict(new Image(5, 6, 3, pixels())));
    assertThatThrownBy(() -> other.standardForm().withInput(Shape.of(3, 7, 5))).isInstanceOf(FoveaException.class)
        .hasMessage("input 'input': axis 2 is fixed at 6 in this network, got 7");
    assertThat(other.run(random("x", 2, 6, 5, 3)).shape()).isEqualTo(Shape.of(2, 4));
  }

  /** One logit for two classes, with the sigmoid of a binary classifier. */
  @Test
  void aLastSigmoidOfOneScoreIsNoLogit() {
    Card card = new Card("one", List.of("no", "yes"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of());
    Model own = Model.create(Sequential.of(new Flatten(), Linear.of(1).named("fc")), card, 9);
    GraphBuilder g = new GraphBuilder();
    Value logit = Linear.of(1).named("fc").apply(g, new Flatten().apply(g, g.input(Model.INPUT, IMAGE.batch(1))));
    g.output(Model.OUTPUT, g.op(new Op.Sigmoid(), logit));
    Model other = new Model(g.build(), own.parameters(), card);
    Image image = new Image(5, 6, 3, pixels());
    assertThat(other.predict(image)).isEqualTo(own.predict(image));
  }

  private static byte[] pixels() {
    byte[] pixels = new byte[90];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 37);
    }
    return pixels;
  }
}

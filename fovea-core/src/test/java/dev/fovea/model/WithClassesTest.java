package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.ConvTranspose2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Head;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WithClassesTest {
  private static final Shape IMAGE = Shape.of(3, 8, 8);
  private static final List<String> FIVE = List.of("daisy", "dandelion", "rose", "sunflower", "tulip");

  private static Model model(Layer layer) {
    return Model.create(layer, new Card("tiny", List.of("a", "b", "c"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of()), 1);
  }

  private static float[] values(Model model, String name) {
    Parameters.Entry entry = model.parameters().entry(name);
    return Arrays.copyOfRange(model.parameters().values(), entry.offset(), entry.offset() + entry.shape().size());
  }

  /** All parameters but these keep their values; these have five rows of small random values, another for each seed. */
  private static void assertRenewed(Model before, String... names) {
    Model after = before.withClasses(FIVE, 7);
    assertThat(after.card().classes()).isEqualTo(FIVE);
    assertThat(after.graph().outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 5));
    List<String> renewed = List.of(names);
    for (Parameters.Entry entry : before.parameters().entries()) {
      if (renewed.contains(entry.name())) {
        assertThat(after.parameters().entry(entry.name()).shape().size() * 3).isEqualTo(entry.shape().size() * 5);
      } else {
        assertThat(values(after, entry.name())).as(entry.name()).isEqualTo(values(before, entry.name()));
      }
    }
    String weight = names[0];
    float[] first = values(after, weight);
    double bound = 1 / Math.sqrt(first.length / 5.0); // PyTorch's default initialisation
    for (float value : first) {
      assertThat((double) Math.abs(value)).isLessThanOrEqualTo(bound);
    }
    assertThat(values(before.withClasses(FIVE, 7), weight)).isEqualTo(first);
    assertThat(values(before.withClasses(FIVE, 8), weight)).isNotEqualTo(first);
  }

  @Test
  void fullyConnectedLayer() {
    assertRenewed(model(Sequential.of(Conv2d.of(4, 3), new Flatten(), Linear.of(6), Activation.RELU, Linear.of(3).named("fc"))),
        "fc.weight", "fc.bias");
  }

  /** As in SqueezeNet and NIN. */
  @Test
  void convolutionBeforeGlobalPool() {
    assertRenewed(model(Sequential.of(Conv2d.of(4, 3), new Dropout(0.5), Conv2d.of(3, 1).named("score"), Activation.RELU,
        new AdaptiveAvgPool2d(1, 1), new Flatten())), "score.weight", "score.bias");
  }

  @Test
  void normalisationOfTheScores() {
    assertRenewed(
        model(Sequential.of(Conv2d.of(3, 8).bias(false).named("score"), BatchNorm2d.standard().named("bn"), new Flatten())),
        "score.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var");
  }

  /** As in GoogLeNet. */
  @Test
  void headsToo() {
    Layer head = Sequential.of(new AdaptiveAvgPool2d(1, 1), new Flatten(), Linear.of(3).named("fc"));
    assertRenewed(model(Sequential.of(Conv2d.of(4, 3), new Head("aux", 0.3, head), new Flatten(), Linear.of(3).named("fc"))),
        "fc.weight", "fc.bias", "1.aux.fc.weight", "1.aux.fc.bias");
  }

  /** A product with a matrix, a bias of its own, a factor for all classes, and probabilities at the end, as other programs write. */
  @Test
  void productAndSum() {
    GraphBuilder g = new GraphBuilder();
    Value rows = g.op(new Op.Flatten(), g.input("data", IMAGE.batch(1)));
    Value scores = g.op(new Op.MatMul(), rows, g.param("w", Shape.of(192, 3), new Init.Constant(0.5f)));
    Value biased = g.op(new Op.Add(), scores, g.param("b", Shape.of(3), new Init.Constant(2)));
    Value scaled = g.op(new Op.Mul(), biased, g.op(new Op.Fill(Shape.of(), 0.1f)));
    g.output("probabilities", g.op(new Op.Softmax(1), scaled));
    Card card = new Card("imported", List.of("a", "b", "c"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of());
    Model model = new Model(g.build(), Parameters.initial(g.build(), 1), card);
    assertRenewed(model, "w", "b");
    assertThat(values(model.withClasses(FIVE, 7), "b")).containsOnly(0);
  }

  /** A single score distinguishes two classes. */
  @Test
  void oneScoreBecomesFive() {
    Card card = new Card("logistic", List.of("no", "yes"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of());
    Model two = Model.create(Sequential.of(new Flatten(), Linear.of(1).named("fc")), card, 1);
    assertThat(two.withClasses(FIVE, 1).graph().outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 5));
    assertThat(two.withClasses(List.of("cat", "dog"), 1).graph().outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 1));
  }

  @Test
  void sameNumberKeepsAllValuesInACopy() {
    Model before = model(Sequential.of(new Flatten(), Linear.of(3)));
    Model after = before.withClasses(List.of("x", "y", "z"), 9);
    assertThat(after.parameters().values()).isEqualTo(before.parameters().values()).isNotSameAs(before.parameters().values());
    assertThat(after.card().classes()).containsExactly("x", "y", "z");
  }

  @Test
  void classesInMoreThanTheLastLayerAreRefused() {
    Model upsampled = model(Sequential.of(Conv2d.of(3, 3).padding(1), ConvTranspose2d.of(3, 1)));
    assertThatThrownBy(() -> upsampled.withClasses(FIVE, 1)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("tiny: cannot be given 5 classes: ").hasMessageContaining("ConvTranspose")
        .hasMessageEndingWith("use data of its 3 classes, or name a network that is built for any number");
    Card unknown = Card.of("any");
    Model nothing = new Model(upsampled.graph(), upsampled.parameters(), unknown);
    assertThatThrownBy(() -> nothing.withClasses(FIVE, 1)).hasMessageContaining("nothing is known about what its outputs mean");
  }
}

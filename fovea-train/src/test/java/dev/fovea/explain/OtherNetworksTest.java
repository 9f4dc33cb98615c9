package dev.fovea.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.explain.input.Deconvnet;
import dev.fovea.explain.input.GuidedBackprop;
import dev.fovea.explain.input.Saliency;
import dev.fovea.explain.input.SmoothGrad;
import dev.fovea.explain.layer.GradCam;
import dev.fovea.explain.mask.Occlusion;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.ConvTranspose2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Residual;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What differs from a classifier with a score for each class. */
class OtherNetworksTest {
  private static final Shape IMAGE = Shape.of(2, 9, 10);

  private final long seed = System.nanoTime();

  private Model model(Layer layer) {
    Card card = new Card("random", List.of("cat", "dog", "owl"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of());
    return Model.create(layer, card, seed);
  }

  private Tensor input() {
    Rng random = Rng.of(seed).at("input");
    float[] values = new float[IMAGE.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.gaussian(i);
    }
    return new Tensor(IMAGE.batch(1), values);
  }

  /** Of two classes the second has the score, the first its opposite. */
  @Test
  void answerOfOneScore() {
    Explainer two = Networks.oneScore(Sequential.of(Conv2d.of(2, 5), Activation.RELU, new Flatten(), Linear.of(1)), seed);
    Tensor input = new Tensor(Networks.DIGIT.batch(1), new float[784]);
    float score = two.outputs(input).values()[0];
    Answer bright = two.answer(input, new Target.Name("bright"));
    Answer dark = two.answer(input, new Target.Index(0));
    assertThat(bright.score()).as("seed %d", seed).isEqualTo(score);
    assertThat(dark.score()).isEqualTo(-score);
    assertThat(two.answer(input, Target.HIGHEST).label()).isEqualTo(score > 0 ? "bright" : "dark");
    float[] towards = new Saliency().explain(two, input, bright).map().values();
    float[] away = new Saliency().explain(two, input, dark).map().values();
    assertThat(IntStream.range(0, 784)).allSatisfy(i -> assertThat(away[i]).isEqualTo(-towards[i]));
    assertThatThrownBy(() -> two.answer(input, new Target.Index(2))).hasMessage("class 2: expected 0 to 1, or a name");
  }

  /** Outputs whose first axis is not that of the images, and probabilities, which are left as they are. */
  @Test
  void anyOutput() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input(Model.INPUT, IMAGE.batch(1));
    Value scores = Sequential.of(Conv2d.of(4, 3), Activation.RELU, new Flatten(), Linear.of(3)).apply(g, x);
    Layer softmax = (builder, y) -> builder.op(new Op.Softmax(), y);
    g.output("probabilities", softmax.named("prob").apply(g, scores));
    g.output("column", g.op(new Op.Transpose(List.of(1, 0)), scores));
    g.output("mean", g.op(new Op.Mean(), scores));
    g.output("constant", g.number(3));
    Graph graph = g.build();
    Model model =
        new Model(graph, Parameters.initial(graph, seed), Card.of("any").preprocessing(Preprocessing.of(IMAGE, Fit.STRETCH)));
    Tensor input = input();
    float[] logits = Explainer.of(model).outputs(input).values();
    double sum = IntStream.range(0, 3).mapToDouble(i -> Math.exp(logits[i])).sum();
    Explainer probabilities = Explainer.of(model, "probabilities");
    assertThat(probabilities.answer(input, new Target.Index(1)).score()).as("seed %d", seed)
        .isCloseTo(Math.exp(logits[1]) / sum, within(1e-6));
    Explainer column = Explainer.of(model, "column");
    assertThat(column.answer(input, new Target.Index(2)).score()).isEqualTo(logits[2]);
    Attribution smooth = new SmoothGrad(8, 0.1, 1).explain(column, input, column.answer(input, new Target.Index(2)));
    Attribution expected = new SmoothGrad(8, 0.1, 1).explain(Explainer.of(model), input,
        Explainer.of(model).answer(input, new Target.Index(2)));
    assertThat(smooth.map().values()).as("one image at a time").isEqualTo(expected.map().values());
    assertThat(Explainer.of(model, "mean").answer(input, Target.HIGHEST).score())
        .isCloseTo((logits[0] + logits[1] + logits[2]) / 3.0, within(1e-6));
    assertThatThrownBy(() -> Explainer.of(model, "constant")).hasMessageContaining("does not depend on the image");
    assertThatThrownBy(() -> Explainer.of(model).layer("prob")).hasMessageStartingWith("layer 'prob' is left out");
    assertThat(probabilities.graph(1).at(probabilities.layer("prob")).op()).isInstanceOf(Op.Softmax.class);
  }

  /** As quantised networks have it. */
  @Test
  void whatHasNoDerivativeIsNamed() {
    Layer round = (g, x) -> g.op(new Op.Round(), x);
    Explainer explainer = Explainer.of(model(Sequential.of(Conv2d.of(4, 3), round.named("steps"), Conv2d.of(4, 3), new Flatten(),
        Linear.of(3))));
    Answer answer = explainer.answer(input(), Target.HIGHEST);
    for (Method method : List.of(new Saliency(), new GuidedBackprop(), new Deconvnet(), new GradCam(Optional.of("0")))) {
      assertThatThrownBy(() -> method.explain(explainer, input(), answer)).as(method.name())
          .isInstanceOf(FoveaException.class).hasMessageStartingWith("steps: Round has no derivative");
    }
    assertThat(new GradCam(Optional.of("2")).explain(explainer, input(), answer).map().shape()).isEqualTo(Shape.of(5, 6));
    assertThat(new Occlusion(3, 2).explain(explainer, input(), answer).map().shape()).isEqualTo(Shape.of(9, 10));
  }

  /** Activations that read what they activate twice end where they are whole; a sum with something else is not one. */
  @Test
  void whatBecomesOfALayer() {
    Explainer explainer = Explainer.of(model(Sequential.of(Conv2d.of(4, 3).named("a"), BatchNorm2d.standard(), Activation.SILU,
        Residual.of(Conv2d.of(4, 3).padding(1).named("b")), Activation.RELU, new Flatten(), Linear.of(3))));
    Graph graph = explainer.graph(1);
    assertThat(Layers.activated(graph, explainer.layer("a"))).extracting(value -> graph.at(value).op().type())
        .containsExactly("Conv", "BatchNormalization", "Sigmoid", "Mul");
    String b = Layers.paths(graph).stream().filter(path -> path.endsWith("b")).findFirst().orElseThrow();
    assertThat(Layers.activated(graph, explainer.layer(b))).extracting(value -> graph.at(value).op().type())
        .containsExactly("Conv");
  }

  /** Enlarged by a transposed convolution, as in fully convolutional networks. */
  @Test
  void lastMapsBeforeTheScores() {
    Explainer explainer = Explainer.of(model(Sequential.of(Conv2d.of(4, 3).padding(1).stride(2).named("body"), Activation.RELU,
        Conv2d.of(3, 1).named("score"), ConvTranspose2d.of(3, 2).stride(2).named("up"))));
    Answer answer = explainer.answer(input(), Target.HIGHEST);
    Attribution map = GradCam.LAST_MAPS.explain(explainer, input(), answer);
    assertThat(explainer.graph(1).at(Layers.lastMaps(explainer.graph(1)).orElseThrow()).op().type()).isEqualTo("Relu");
    assertThat(map.map().shape()).isEqualTo(Shape.of(5, 5));
  }
}

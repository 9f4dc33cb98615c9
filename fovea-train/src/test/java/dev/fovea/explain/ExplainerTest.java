package dev.fovea.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.explain.input.Deconvnet;
import dev.fovea.explain.input.GradientXInput;
import dev.fovea.explain.input.GuidedBackprop;
import dev.fovea.explain.input.IntegratedGradients;
import dev.fovea.explain.input.Saliency;
import dev.fovea.explain.input.SmoothGrad;
import dev.fovea.explain.layer.GradCam;
import dev.fovea.explain.layer.HiResCam;
import dev.fovea.explain.layer.LayerCam;
import dev.fovea.explain.layer.ScoreCam;
import dev.fovea.explain.mask.Occlusion;
import dev.fovea.explain.mask.Rise;
import dev.fovea.explain.method.Methods;
import dev.fovea.explain.relevance.Lrp;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.Softmax;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is true of explanations of any network, on small random ones. */
class ExplainerTest {
  private static final Shape IMAGE = Shape.of(2, 9, 10);
  private static final List<String> CLASSES = List.of("cat", "dog", "owl");

  private final long seed = System.nanoTime();

  private static Layer layers() {
    return Sequential.of(Conv2d.of(5, 3).padding(1), Activation.RELU, MaxPool2d.of(2), Conv2d.of(6, 3).padding(1),
        Activation.RELU,
        new Flatten(), Linear.of(3));
  }

  private static Layer withoutBiases() {
    return Sequential.of(Conv2d.of(5, 3).padding(1).bias(false), Activation.RELU, MaxPool2d.of(2),
        Conv2d.of(6, 3).padding(1).bias(false), Activation.RELU, new Flatten(), Linear.of(3).bias(false));
  }

  private static Layer endsInGlobalPooling() {
    return Sequential.of(Conv2d.of(5, 3).padding(1), Activation.RELU, Conv2d.of(6, 3).padding(1), Activation.RELU,
        new AdaptiveAvgPool2d(1, 1), new Flatten(), Linear.of(3).named("classifier"));
  }

  private Model model(Layer layer) {
    return Model.create(layer, new Card("random", CLASSES, Preprocessing.of(IMAGE, Fit.STRETCH), Map.of()), seed);
  }

  private Tensor input() {
    Rng random = Rng.of(seed).at("input");
    float[] values = new float[IMAGE.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.gaussian(i);
    }
    return new Tensor(IMAGE.batch(1), values);
  }

  private Attribution explained(Layer layer, Method method) {
    Explainer explainer = Explainer.of(model(layer));
    return method.explain(explainer, input(), explainer.answer(input(), Target.HIGHEST));
  }

  private static double sum(Tensor map) {
    return IntStream.range(0, map.values().length).mapToDouble(i -> map.values()[i]).sum();
  }

  @Test
  void answers() {
    Explainer explainer = Explainer.of(model(layers()));
    Tensor outputs = explainer.outputs(input());
    Answer highest = explainer.answer(input(), Target.HIGHEST);
    assertThat(highest.score()).isEqualTo(outputs.values()[highest.index()]);
    assertThat(IntStream.range(0, 3).mapToDouble(i -> outputs.values()[i]).max()).hasValue(highest.score());
    Answer owl = explainer.answer(input(), new Target.Name("owl"));
    assertThat(owl).isEqualTo(new Answer(2, "owl", outputs.values()[2], owl.weights()));
    assertThat(owl.weights().values()).containsExactly(0, 0, 1);
    assertThat(explainer.answer(input(), new Target.Index(1)).label()).isEqualTo("dog");
    assertThatThrownBy(() -> explainer.answer(input(), new Target.Name("cow"))).hasMessageContaining("there is no class 'cow'");
    assertThatThrownBy(() -> explainer.answer(input(), new Target.Index(3))).hasMessage("class 3: expected 0 to 2, or a name");
  }

  /** The pixels where the class is predicted. */
  @Test
  void answerOfASegmentation() {
    Explainer explainer = Explainer.of(model(Sequential.of(Conv2d.of(3, 3).padding(1))));
    Tensor outputs = explainer.outputs(input());
    Answer answer = explainer.answer(input(), new Target.Name("dog"));
    double sum = 0;
    for (int p = 0; p < 90; p++) {
      float[] scores = {outputs.values()[p], outputs.values()[90 + p], outputs.values()[180 + p]};
      sum += scores[1] > scores[0] && scores[1] >= scores[2] ? scores[1] : 0;
    }
    assertThat(answer.score()).as("seed %d", seed).isCloseTo(sum, within(1e-9));
    assertThat(new GradCam(Optional.of("0")).explain(explainer, input(), answer).map().shape()).isEqualTo(Shape.of(9, 10));
  }

  @Test
  void gradientIsTheDerivative() {
    Explainer explainer = Explainer.of(model(layers()));
    Tensor input = input();
    Answer answer = explainer.answer(input, Target.HIGHEST);
    float[] map = new Saliency().explain(explainer, input, answer).map().values();
    int close = 0;
    for (int i = 0; i < map.length; i++) {
      float[] moved = input.values().clone();
      moved[i] += 1e-2f;
      float[] other = input.values().clone();
      other[i] -= 1e-2f;
      double slope =
          (explainer.score(new Tensor(input.shape(), moved), answer) - explainer.score(new Tensor(input.shape(), other), answer))
              / (moved[i] - other[i]);
      close += Math.abs(slope - map[i]) < 1e-3 ? 1 : 0;
    }
    // between two kinks the network is linear; few pixels cross one within that step
    assertThat(close).as("of %d, seed %d", map.length, seed).isGreaterThan(map.length * 3 / 4);
  }

  /** Completeness of a linear network is exact, of others up to the error of the integral's sum. */
  @Test
  void integratedGradientsAreComplete() {
    Attribution few = explained(layers(), new IntegratedGradients(5));
    Attribution many = explained(layers(), new IntegratedGradients(400));
    double scale = Arrays.stream(toDouble(many.map())).map(Math::abs).sum();
    assertThat(Math.abs(many.errors().getOrDefault(IntegratedGradients.COMPLETENESS, Double.NaN))).as("seed %d", seed)
        .isLessThan(0.02 * scale);
    assertThat(few.errors()).containsKey(IntegratedGradients.COMPLETENESS);
    Attribution linear = explained(Sequential.of(new Flatten(), Linear.of(3)), new IntegratedGradients(3));
    assertThat(linear.errors().getOrDefault(IntegratedGradients.COMPLETENESS, Double.NaN)).as("seed %d", seed).isCloseTo(0,
        within(1e-5));
  }

  private static double[] toDouble(Tensor map) {
    return IntStream.range(0, map.values().length).mapToDouble(i -> map.values()[i]).toArray();
  }

  @Test
  void relevanceIsConserved() {
    for (Lrp.Rule rule : Lrp.Rule.values()) {
      Attribution lrp = explained(withoutBiases(), new Lrp(rule));
      assertThat(sum(lrp.map())).as("%s, seed %d", rule, seed)
          .isCloseTo(lrp.answer().score(), within(1e-3 * Math.max(1, Math.abs(lrp.answer().score()))));
      assertThat(lrp.errors().getOrDefault(Lrp.CONSERVATION, Double.NaN)).isCloseTo(sum(lrp.map()) - lrp.answer().score(),
          within(1e-5));
    }
  }

  /** Without biases, for the epsilon rule and rectifiers. */
  @Test
  void relevanceIsGradientTimesInput() {
    assertClose(explained(withoutBiases(), new Lrp(Lrp.Rule.EPSILON)).map(),
        explained(withoutBiases(), new GradientXInput()).map(), 1e-3);
  }

  private void assertClose(Tensor a, Tensor b, double tolerance) {
    assertThat(a.shape()).isEqualTo(b.shape());
    double largest = Arrays.stream(toDouble(b)).map(Math::abs).max().orElse(0);
    for (int i = 0; i < a.values().length; i++) {
      assertThat((double) a.values()[i]).as("element %d, seed %d", i, seed).isCloseTo(b.values()[i], within(tolerance * largest));
    }
  }

  /** Two networks that compute the same: a fully connected layer, and the same weights as a convolution. */
  @Test
  void mapsDependOnTheFunctionOnly() {
    Model model = model(layers());
    Model other = model.fullyConvolutional();
    Explainer one = Explainer.of(model);
    Explainer two = Explainer.of(other);
    for (Method method : List.of(new Saliency(), new GradientXInput(), new IntegratedGradients(), new SmoothGrad(seed))) {
      assertClose(method.explain(two, input(), two.answer(input(), Target.HIGHEST)).map(),
          method.explain(one, input(), one.answer(input(), Target.HIGHEST)).map(), 1e-5);
    }
  }

  /** Grad-CAM of a network that ends in global pooling is the sum of maps by the class's weights (Zhou et al. 2016). */
  @Test
  void gradCamIsTheClassActivationMap() {
    Model model = model(endsInGlobalPooling());
    Explainer explainer = Explainer.of(model);
    Answer answer = explainer.answer(input(), new Target.Name("dog"));
    Attribution cam = GradCam.LAST_MAPS.explain(explainer, input(), answer);
    assertThat(cam.layer()).contains("3");
    Tensor activations = mapsOf(model);
    int offset = model.parameters().entry("classifier.weight").offset() + 6;
    float[] expected = new float[90];
    for (int p = 0; p < 90; p++) {
      double sum = 0;
      for (int k = 0; k < 6; k++) {
        sum += (double) model.parameters().values()[offset + k] * activations.values()[k * 90 + p];
      }
      expected[p] = (float) (Math.max(0, sum) / 90);
    }
    assertClose(cam.map(), new Tensor(Shape.of(9, 10), expected), 1e-5);
    Attribution hires = new HiResCam(Optional.empty()).explain(explainer, input(), answer);
    assertClose(hires.map(), cam.map(), 1e-5);
  }

  /** Those of the layer before the pool, computed by a network that ends there. */
  private Tensor mapsOf(Model whole) {
    Model body =
        Model.create(Sequential.of(Conv2d.of(5, 3).padding(1), Activation.RELU, Conv2d.of(6, 3).padding(1), Activation.RELU),
            new Card("body", List.of("a", "b", "c", "d", "e", "f"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of()), seed);
    System.arraycopy(whole.parameters().values(), 0, body.parameters().values(), 0, body.parameters().size());
    body.parameters().changed();
    return body.run(input());
  }

  @Test
  void classesHaveDifferentMaps() {
    Explainer explainer = Explainer.of(model(layers()));
    for (Method method : Methods.STANDARD.all()) {
      List<Tensor> maps = new ArrayList<>();
      for (int c = 0; c < 2; c++) {
        maps.add(method.explain(explainer, input(), explainer.answer(input(), new Target.Index(c))).map());
      }
      assertThat(maps.getFirst().values()).as("%s, seed %d", method.name(), seed).isNotEqualTo(maps.getLast().values());
    }
  }

  /** Of a network whose filters are symmetric, so that its maps of a mirrored image are mirrored. */
  @Test
  void mirroredImagesHaveMirroredMaps() {
    Model model = model(endsInGlobalPooling());
    mirrorFilters(model);
    Explainer explainer = Explainer.of(model);
    Tensor mirrored = mirrored(input());
    for (Method method : List.of(new Saliency(), new GradientXInput(), new GuidedBackprop(), new Deconvnet(),
        new IntegratedGradients(), GradCam.LAST_MAPS, new LayerCam(Optional.empty()), new ScoreCam(Optional.empty()),
        new Occlusion(2, 2), new Lrp(Lrp.Rule.GAMMA))) {
      Tensor map = method.explain(explainer, input(), explainer.answer(input(), Target.HIGHEST)).map();
      Tensor other = method.explain(explainer, mirrored, explainer.answer(mirrored, Target.HIGHEST)).map();
      assertClose(mirrored(other), map, 1e-4);
    }
  }

  /** The last axis reversed. */
  private static Tensor mirrored(Tensor tensor) {
    int width = tensor.shape().dim(tensor.shape().rank() - 1);
    float[] values = new float[tensor.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.values()[i / width * width + width - 1 - i % width];
    }
    return new Tensor(tensor.shape(), values);
  }

  private static void mirrorFilters(Model model) {
    float[] values = model.parameters().values();
    model.parameters().entries().stream().filter(entry -> entry.shape().rank() == 4).forEach(entry -> {
      for (int row = entry.offset(); row < entry.offset() + entry.shape().size(); row += 3) {
        values[row + 2] = values[row];
      }
    });
    model.parameters().changed();
  }

  /** By hand: transposed filters, the pool's winners, and rectified from above. */
  @Test
  void deconvnetByHand() {
    Layer layer = Sequential.of(Conv2d.of(1, 1).bias(false), Activation.RELU, MaxPool2d.of(2), new Flatten(), Linear.of(2));
    Card card = new Card("by hand", List.of("a", "b"), Preprocessing.of(Shape.of(1, 2, 4), Fit.STRETCH), Map.of());
    Model model = Model.create(layer, card, 1);
    float[] values = model.parameters().values();
    System.arraycopy(new float[] {2, /* a: */ 3, -1, /* b: */ 1, 1, 0, 0}, 0, values, 0, 7);
    model.parameters().changed();
    Explainer explainer = Explainer.of(model);
    Tensor input = new Tensor(Shape.of(1, 1, 2, 4), new float[] {1, -5, 0, 2, -3, -4, 1, -1});
    Answer a = explainer.answer(input, new Target.Name("a"));
    // class a gives 3 to the first pool and -1 to the second; their winners are 1 and 2; the rectifier drops what is negative
    assertThat(new Deconvnet().explain(explainer, input, a).map().values()).containsExactly(6, 0, 0, 0, 0, 0, 0, 0);
    assertThat(new GuidedBackprop().explain(explainer, input, a).map().values()).containsExactly(6, 0, 0, 0, 0, 0, 0, 0);
    assertThat(new Saliency().explain(explainer, input, a).map().values()).containsExactly(6, 0, 0, -2, 0, 0, 0, 0);
  }

  @Test
  void occlusionByHand() {
    Model model = model(Sequential.of(new Flatten(), Linear.of(3)));
    Explainer explainer = Explainer.of(model);
    Answer answer = explainer.answer(input(), Target.HIGHEST);
    float[] map = new Occlusion(9, 9).explain(explainer, input(), answer).map().values();
    float[] contributions = new GradientXInput().explain(explainer, input(), answer).map().values();
    // two windows of nine columns: the columns between have the mean of both
    double first = 0;
    double second = 0;
    for (int i = 0; i < contributions.length; i++) {
      first += i % 10 < 9 ? contributions[i] : 0;
      second += i % 10 > 0 ? contributions[i] : 0;
    }
    assertThat((double) map[0]).as("seed %d", seed).isCloseTo(first, within(1e-4));
    assertThat((double) map[9]).isCloseTo(second, within(1e-4));
    assertThat((double) map[5]).isCloseTo((first + second) / 2, within(1e-4));
  }

  /** Of a linear network the expected score of a visible pixel is its own contribution and half of all others'. */
  @Test
  void riseOfALinearNetwork() {
    Model model = model(Sequential.of(new Flatten(), Linear.of(3)));
    Explainer explainer = Explainer.of(model);
    Answer answer = explainer.answer(input(), Target.HIGHEST);
    Attribution rise = new Rise(4000, 3, seed).explain(explainer, input(), answer);
    assertThat(rise.map().shape()).isEqualTo(Shape.of(9, 10));
    assertThat(new Rise(4000, 3, seed).explain(explainer, input(), answer).map().values()).isEqualTo(rise.map().values());
    assertThat(new Rise(4000, 3, seed + 1).explain(explainer, input(), answer).map().values()).isNotEqualTo(rise.map().values());
    float[] contributions = new GradientXInput().explain(explainer, input(), answer).map().values();
    double[] perPixel = new double[90];
    for (int i = 0; i < contributions.length; i++) {
      perPixel[i % 90] += contributions[i];
    }
    assertThat(correlation(toDouble(rise.map()), smoothed(perPixel))).as("seed %d", seed).isGreaterThan(0.8);
  }

  /** Over about a cell of a mask. */
  private static double[] smoothed(double[] pixels) {
    double[] smoothed = new double[90];
    for (int i = 0; i < 90; i++) {
      for (int j = 0; j < 90; j++) {
        double dy = (i / 10 - j / 10) / 3.0;
        double dx = (i % 10 - j % 10) / 4.0;
        smoothed[i] += pixels[j] * Math.max(0, 1 - Math.abs(dy)) * Math.max(0, 1 - Math.abs(dx));
      }
    }
    return smoothed;
  }

  private static double correlation(double[] a, double[] b) {
    double meanA = Arrays.stream(a).average().orElse(0);
    double meanB = Arrays.stream(b).average().orElse(0);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (a[i] - meanA) * (b[i] - meanB);
      aa += (a[i] - meanA) * (a[i] - meanA);
      bb += (b[i] - meanB) * (b[i] - meanB);
    }
    return ab / Math.sqrt(aa * bb);
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBits() throws InterruptedException {
    Model model = model(layers());
    Explainer shared = Explainer.of(model).threads(2);
    for (Method method : Methods.STANDARD.all()) {
      Explainer alone = Explainer.of(model);
      float[] expected = method.explain(alone, input(), alone.answer(input(), Target.HIGHEST)).map().values();
      List<float[]> got = new ArrayList<>();
      List<Thread> threads = IntStream.range(0, 3).mapToObj(_ -> Thread.ofPlatform().start(() -> {
        float[] map = method.explain(shared, input(), shared.answer(input(), Target.HIGHEST)).map().values();
        synchronized (got) {
          got.add(map);
        }
      })).toList();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(got).hasSize(3).as(method.name()).allSatisfy(map -> assertThat(map).isEqualTo(expected));
    }
  }

  @Test
  void refusalsNameTheLayer() {
    Explainer explainer = Explainer.of(model(layers()));
    Answer answer = explainer.answer(input(), Target.HIGHEST);
    assertThatThrownBy(() -> new GradCam(Optional.of("33")).explain(explainer, input(), answer))
        .hasMessageContaining("there is no layer '33'").hasMessageContaining("fovea summary");
    assertThatThrownBy(() -> new GradCam(Optional.of("6")).explain(explainer, input(), answer))
        .hasMessage("6: gives 3 and no maps, which grad-cam needs: choose a layer before it");
    Explainer flat = Explainer.of(model(Sequential.of(new Flatten(), Linear.of(3))));
    assertThatThrownBy(() -> GradCam.LAST_MAPS.explain(flat, input(), answer))
        .hasMessageContaining("needs maps, and the network has none");
    Explainer soft = Explainer.of(model(Sequential.of(Conv2d.of(4, 3), new Softmax(), new Flatten(), Linear.of(3))));
    assertThatThrownBy(() -> new Lrp(Lrp.Rule.EPSILON).explain(soft, input(), soft.answer(input(), Target.HIGHEST)))
        .hasMessageContaining("lrp: 1: Softmax has no rule");
    assertThatThrownBy(() -> Methods.STANDARD.named("grad-cma")).hasMessageContaining("grad-cam");
  }

  @Test
  void anImageInTwoLines(@TempDir Path folder) {
    Path file = folder.resolve("model.safetensors");
    Path photo = folder.resolve("photo.png");
    Model.create(layers(), new Card("image", CLASSES, Preprocessing.of(Shape.of(3, 8, 8), Fit.STRETCH), Map.of()), 1).save(file);
    new Image(20, 10, 1, new byte[200]).write(photo);
    Explainer explainer = Explainer.of(Model.load(file));
    Attribution why = explainer.explain(GradCam.LAST_MAPS, Image.read(photo), Target.HIGHEST);
    assertThat(why.map().shape()).isEqualTo(Shape.of(4, 4));
  }
}

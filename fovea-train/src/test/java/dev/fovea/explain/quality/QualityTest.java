package dev.fovea.explain.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Heatmap;
import dev.fovea.explain.Method;
import dev.fovea.explain.Target;
import dev.fovea.explain.input.GradientXInput;
import dev.fovea.explain.input.Saliency;
import dev.fovea.explain.mask.Occlusion;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On a linear network of two classes, of which the first adds up the pixels of the upper left quarter. */
class QualityTest {
  private static final int SIDE = 8;

  private final Explainer explainer = Explainer.of(model());
  private final Tensor input = new Tensor(Shape.of(1, 1, SIDE, SIDE), ones());
  private final Answer answer = explainer.answer(input, new Target.Index(0));

  private static Model model() {
    Card card =
        new Card("quarter", List.of("here", "elsewhere"), Preprocessing.of(Shape.of(1, SIDE, SIDE), Fit.STRETCH), Map.of());
    Model model = Model.create(Sequential.of(new Flatten(), Linear.of(2).named("fc")), card, 1);
    float[] values = model.parameters().values();
    Arrays.fill(values, 0);
    for (int i = 0; i < SIDE * SIDE; i++) {
      values[i] = isHere(i) ? 0.5f : 0;
    }
    values[2 * SIDE * SIDE] = -4; // its bias: all sixteen pixels give a logit of 4
    model.parameters().changed();
    return model;
  }

  private static boolean isHere(int pixel) {
    return pixel / SIDE < SIDE / 2 && pixel % SIDE < SIDE / 2;
  }

  private static float[] ones() {
    float[] ones = new float[SIDE * SIDE];
    Arrays.fill(ones, 1);
    return ones;
  }

  private Heatmap map(Method method) {
    return Heatmap.of(method.explain(explainer, input, answer));
  }

  @Test
  void theBestMapRemovesAndShowsWhatCounts() {
    Heatmap best = map(new GradientXInput());
    PerturbationCurve deletion = PerturbationCurve.deletion(explainer, input, answer, best);
    PerturbationCurve random = PerturbationCurve.deletion(explainer, input, answer, map(Baseline.ALL.getFirst()));
    assertThat(deletion.probabilities()).hasSize(51);
    assertThat(deletion.probabilities().getFirst()).isCloseTo(1 / (1 + Math.exp(-4)), within(1e-6));
    assertThat(deletion.probabilities().getLast()).isCloseTo(1 / (1 + Math.exp(4)), within(1e-6));
    // the sixteen pixels of 64 are gone after a quarter of the steps
    assertThat(deletion.probabilities().get(13)).isCloseTo(deletion.probabilities().getLast(), within(1e-6));
    assertThat(deletion.area()).isLessThan(random.area());
    assertThat(new PerturbationCurve(List.of(1.0, 0.5, 0.0)).area()).isEqualTo(0.5);
  }

  @Test
  void insertionBeginsWithABlurredImage() {
    float[] spot = new float[SIDE * SIDE];
    spot[9] = 16;
    Tensor bright = new Tensor(input.shape(), spot);
    Answer of = explainer.answer(bright, new Target.Index(0));
    PerturbationCurve insertion = PerturbationCurve.insertion(explainer, bright, of, Heatmap.of(
        new GradientXInput().explain(explainer, bright, of)));
    Tensor blurred = Blur.of(bright, 5.0 / 224);
    float sum = 0;
    for (float value : blurred.values()) {
      sum += value;
    }
    assertThat(sum).isCloseTo(16, within(1e-4f));
    assertThat(insertion.probabilities().getLast()).isCloseTo(1 / (1 + Math.exp(-4)), within(1e-6));
  }

  @Test
  void whatAMapShows() {
    AverageDrop exact = AverageDrop.of(explainer, input, answer, map(new GradientXInput()));
    assertThat(exact.shown()).isCloseTo(exact.whole(), within(1e-6));
    assertThat(exact.drop()).isCloseTo(0, within(1e-6));
    AverageDrop noise = AverageDrop.of(explainer, input, answer, map(Baseline.ALL.getFirst()));
    assertThat(noise.drop()).isGreaterThan(0.1);
    assertThat(noise.increases()).isFalse();
    assertThat(new AverageDrop(0.4, 0.5).increases()).isTrue();
  }

  @Test
  void orders() {
    assertThat(RankCorrelation.of(new double[] {1, 2, 3}, new double[] {10, 20, 99})).isEqualTo(1);
    assertThat(RankCorrelation.of(new double[] {1, 2, 3}, new double[] {3, 2, 1})).isEqualTo(-1);
    // ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3
    assertThat(RankCorrelation.of(new double[] {1, 2, 2, 3}, new double[] {1, 2, 3, 4})).isCloseTo(0.9486833, within(1e-6));
    assertThat(RankCorrelation.of(new double[] {1, 1}, new double[] {1, 2})).isNaN();
  }

  @Test
  void mapsOfRandomNetworksAreOthers() {
    assertThat(Randomisation.of(new Saliency(), explainer, input, answer, 1).similarities()).hasSize(6)
        .allSatisfy(similarity -> assertThat(similarity).isBetween(-0.5, 0.6));
    Method constant = Baseline.ALL.getLast();
    assertThat(Randomisation.of(constant, explainer, input, answer, 1).mean()).isCloseTo(1, within(1e-9));
  }

  @Test
  void methodsSideBySide() {
    MethodComparison.Builder builder =
        new MethodComparison.Builder(explainer, List.of(new GradientXInput(), new Occlusion(1, 1)));
    builder.add(input);
    builder.add(input);
    MethodComparison comparison = builder.build();
    assertThat(comparison.names()).containsExactly("gradient-x-input", "occlusion", "random", "centre");
    assertThat(comparison.agreement().getFirst().get(1)).isCloseTo(1, within(1e-9));
    assertThat(comparison.agreement().getFirst().get(2)).isBetween(-0.4, 0.4);
    assertThat(comparison.mean(0, Quality::deletion)).isLessThan(comparison.mean(2, Quality::deletion));
    assertThat(comparison.mean(0, quality -> quality.increases() ? 1 : 0)).isZero();
    assertThat(comparison.randomisations().get(3)).isNaN();
  }
}

package dev.fovea.explain.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Dataset;
import dev.fovea.data.DigitsDataset;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Networks;
import dev.fovea.explain.attack.Attack.Norm;
import dev.fovea.explain.survey.ImageBatches;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttackTest {
  private static final float MEAN = 0.2f;
  private static final float STD = 0.4f;

  private final long seed = System.nanoTime();
  private final Dataset digits = DigitsDataset.train(seed, 70);
  private final Explainer network = Networks.random(Sequential.of(Conv2d.of(4, 5), Activation.RELU, MaxPool2d.of(2),
      new Flatten(), Linear.of(10)), seed);

  /** Of a linear network the derivative is known: the weights of the classes, weighted by probabilities less the true class. */
  @Test
  void theFastMethodOnALinearNetwork() {
    Explainer linear = Networks.random(Sequential.of(new Flatten(), Linear.of(10).named("fc")), seed);
    Tensor input = linear.input(digits.image(0));
    double[] p = Networks.lossGradient(linear.outputs(input).values(), 3);
    float[] weights = linear.model().parameters().values();
    Tensor attacked = Attack.fgsm(Norm.INFINITY, 0.1).of(linear, input, new int[] {3}, 0);
    for (int i = 0; i < 784; i++) {
      double gradient = 0;
      for (int c = 0; c < 10; c++) {
        gradient += p[c] * weights[c * 784 + i];
      }
      float pixel = input.values()[i] * STD + MEAN;
      float expected = Math.clamp(pixel + 0.1f * (float) Math.signum(gradient), 0f, 1f);
      assertThat(attacked.values()[i] * STD + MEAN).as("pixel %d, seed %d", i, seed).isCloseTo(expected, within(1e-5f));
    }
  }

  @Test
  void withinTheBudgetTheLossGrows() {
    for (Attack attack : List.of(Attack.fgsm(Norm.INFINITY, 0.05), Attack.pgd(Norm.INFINITY, 0.05, 10, 1),
        Attack.fgsm(Norm.EUCLIDEAN, 1), Attack.pgd(Norm.EUCLIDEAN, 1, 10, 1))) {
      List<Double> distances = new ArrayList<>();
      double[] losses = new double[2];
      AttackResult result = AttackResult.of(network, attack, digits, (first, inputs, attacked) -> {
        for (int n = 0; n < inputs.shape().dim(0); n++) {
          distances.add(distance(inputs.values(), attacked.values(), n * 784, attack.norm()));
        }
        losses[0] += loss(inputs, first);
        losses[1] += loss(attacked, first);
      });
      assertThat(distances).as("%s, seed %d", attack, seed).hasSize(70)
          .allSatisfy(distance -> assertThat(distance).isLessThanOrEqualTo(attack.budget() * (1 + 1e-4)));
      assertThat(distances.stream().mapToDouble(d -> d).max().orElseThrow()).as("less what black and white cut off")
          .isGreaterThan(attack.budget() / 2);
      assertThat(losses[1]).as("%s, seed %d", attack, seed).isGreaterThan(losses[0]);
      assertThat(result.underAttack()).isLessThanOrEqualTo(result.accuracy() + 0.05);
    }
  }

  private static double distance(float[] a, float[] b, int from, Norm norm) {
    double largest = 0;
    double square = 0;
    for (int i = from; i < from + 784; i++) {
      double change = Math.abs(a[i] - b[i]) * STD;
      largest = Math.max(largest, change);
      square += change * change;
      assertThat(b[i] * STD + MEAN).isBetween(-1e-5f, 1 + 1e-5f);
    }
    return norm == Norm.INFINITY ? largest : Math.sqrt(square);
  }

  private double loss(Tensor inputs, int first) {
    Tensor scores = network.outputs(inputs);
    double sum = 0;
    for (int n = 0; n < scores.shape().dim(0); n++) {
      double total = 0;
      for (int c = 0; c < 10; c++) {
        total += Math.exp(scores.values()[n * 10 + c] - scores.values()[n * 10 + digits.label(first + n)]);
      }
      sum += Math.log(total);
    }
    return sum;
  }

  /** The score of two classes falls for the second and rises for the first. */
  @Test
  void oneScoreOfTwoClasses() {
    Explainer two = Networks.oneScore(Sequential.of(new Flatten(), Linear.of(1)), seed);
    ImageBatches images = new ImageBatches(two, digits);
    Tensor inputs = images.inputs(0, 1);
    float[] before = two.outputs(inputs).values();
    float[] after = two.outputs(Attack.fgsm(Norm.INFINITY, 0.1).of(two, inputs, new int[] {1, 0}, 0)).values();
    assertThat(after[0]).as("seed %d", seed).isLessThan(before[0]);
    assertThat(after[1]).isGreaterThan(before[1]);
    List<Integer> passes = new ArrayList<>();
    Attack attack = Attack.pgd(Norm.INFINITY, 0.05, 3, 1);
    var _ = AttackResult.of(network.listen(passes::add), attack, digits, (_, _, _) -> {});
    assertThat(passes.getLast()).isEqualTo(digits.size() * AttackResult.passes(attack));
  }

  /** Of images whose class is nearly certain the probability less 1 is 0 in single precision, and the loss has a derivative yet. */
  @Test
  void certainAnswersAreAttacked() {
    for (int scores : List.of(1, 10)) {
      Explainer certain = scores == 1 ? Networks.oneScore(Sequential.of(new Flatten(), Linear.of(1)), seed)
          : Networks.random(Sequential.of(new Flatten(), Linear.of(10)), seed);
      float[] values = certain.model().parameters().values();
      int bias = certain.model().parameters().entry("1.bias").offset();
      values[bias + (scores == 1 ? 0 : 4)] = 40;
      certain.model().parameters().changed();
      Tensor inputs = new ImageBatches(certain, digits).inputs(0);
      int[] label = {scores == 1 ? 1 : 4};
      Tensor attacked = Attack.fgsm(Norm.INFINITY, 0.1).of(certain, inputs, label, 0);
      int of = scores == 1 ? 0 : 4;
      assertThat(certain.outputs(attacked).values()[of]).as("%d scores, seed %d", scores, seed)
          .isLessThan(certain.outputs(inputs).values()[of]);
    }
  }

  @Test
  void theSameBitsOnThreadsAndInOtherBatches() {
    Attack attack = Attack.pgd(Norm.INFINITY, 0.05, 5, 3);
    ImageBatches images = new ImageBatches(network, digits);
    Tensor together =
        attack.of(network, images.inputs(4, 5, 6), new int[] {digits.label(4), digits.label(5), digits.label(6)}, 4);
    Tensor alone = attack.of(network.threads(1), images.inputs(5), new int[] {digits.label(5)}, 5);
    assertThat(alone.values()).as("seed %d", seed).isEqualTo(Arrays.copyOfRange(together.values(), 784, 2 * 784));
  }

  @Test
  void senselessSettingsAreRefused() {
    assertThatThrownBy(() -> Attack.fgsm(Norm.INFINITY, 0)).isInstanceOf(FoveaException.class).hasMessageContaining("budget");
    assertThatThrownBy(() -> Attack.pgd(Norm.EUCLIDEAN, 1, 0, 1)).isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> Attack.fgsm(Norm.INFINITY, Double.NaN)).isInstanceOf(FoveaException.class);
  }
}

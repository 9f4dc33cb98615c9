package dev.fovea.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.tensor.Rng;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * Random numbers have the papers' distributions. Means of {@code N} draws with a std of {@code s} may differ by {@code 5 s / sqrt(N)},
 * which chance exceeds once in a million; seeds are fixed.
 */
class DistributionTest {
  private static final int DRAWS = 10_000;

  private static Rng key(int i) {
    return Augmentation.random(9, i / 100, i % 100);
  }

  private static void assertMean(IntToDoubleFunction draw, double mean, double std) {
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
      sum += draw.applyAsDouble(i);
    }
    assertThat(sum / DRAWS).isCloseTo(mean, within(5 * std / Math.sqrt(DRAWS)));
  }

  private static void assertProbability(double probability, Transform transform, Sample sample) {
    assertMean(i -> transform.apply(sample, TestSamples.CANVAS, key(i)).equals(sample) ? 0 : 1, probability,
        Math.sqrt(probability * (1 - probability)));
  }

  @Test
  void probabilities() {
    Sample sample = TestSamples.of(TestSamples.image(7, 6, 3));
    for (double p : new double[] {0, 0.1, 0.5, 0.9, 1}) {
      assertProbability(p, new Flip(p), sample);
      assertProbability(p, new VerticalFlip(p), sample);
      assertProbability(p, new Grayscale(p), sample);
      assertProbability(p, new Perspective(0.5, p), sample);
      assertProbability(p, new GaussianBlur(Range.of(1), p), sample);
      assertProbability(p, new Erasing(p, Range.of(0.2), Range.of(1)), sample);
    }
  }

  /** The corner's distance is uniform, so that each crop has the same probability. */
  @Test
  void cropsAreUniform() {
    Image image = new Image(8, 1, 1, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < DRAWS; i++) {
      Image cropped = new Crop(0.25).apply(TestSamples.of(image), TestSamples.CANVAS, key(i)).image();
      counts.merge(cropped.at(3, 0, 0), 1, Integer::sum);
    }
    assertThat(counts.keySet()).containsExactlyInAnyOrder(2, 3, 4, 5, 6);
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isCloseTo(DRAWS / 5, within(200)));
  }

  @Test
  void ranges() {
    Range range = new Range(-2, 6);
    assertMean(i -> range.draw(key(i)), 2, 8 / Math.sqrt(12));
    assertMean(i -> Math.pow(range.draw(key(i)) - 2, 2), 64 / 12.0, 64 / Math.sqrt(180));
    Range ratio = new Range(3 / 4.0, 4 / 3.0);
    double width = Math.log(16 / 9.0);
    assertMean(i -> Math.log(ratio.drawRatio(key(i))), 0, width / Math.sqrt(12));
    for (int i = 0; i < DRAWS; i++) {
      assertThat(range.draw(key(i))).isBetween(-2.0, 6.0);
      assertThat(ratio.drawRatio(key(i))).isBetween(0.7499999, 1.3333334);
    }
  }

  /** Of gradients from left to right and from top to bottom, a part's two by two pixels show its middle and its size. */
  @Test
  void resizedCropsHaveTheirAreaAndRatio() {
    byte[] pixels = new byte[200 * 200 * 3];
    for (int i = 0; i < 200 * 200; i++) {
      pixels[3 * i] = (byte) (i % 200);
      pixels[3 * i + 1] = (byte) (i / 200);
    }
    Sample gradients = TestSamples.of(new Image(200, 200, 3, pixels));
    ResizedCrop crop = new ResizedCrop(new Range(0.1, 0.4), ResizedCrop.STANDARD.ratio());
    Canvas canvas = new Canvas(2, 2, TestSamples.CANVAS.outside());
    double areas = 0;
    double ratios = 0;
    double middles = 0;
    int draws = 2000;
    for (int i = 0; i < draws; i++) {
      Image part = crop.apply(gradients, canvas, key(i)).image();
      // the filter's reach makes the distance of both pixels a known part of the width, the same in both directions
      double width = part.at(1, 0, 0) - part.at(0, 0, 0);
      double height = part.at(0, 1, 1) - part.at(0, 0, 1);
      areas += width * height;
      ratios += Math.log(width / height);
      middles += (part.at(0, 0, 0) + part.at(1, 0, 0)) / 2.0;
    }
    double distance = gradients.image().resize(2, 2).at(1, 0, 0) - gradients.image().resize(2, 2).at(0, 0, 0);
    assertThat(areas / draws / (distance * distance)).isCloseTo(0.25, within(5 * 0.3 / Math.sqrt(12 * draws) + 0.005));
    assertThat(ratios / draws).isCloseTo(0, within(5 * Math.log(16 / 9.0) / Math.sqrt(12 * draws) + 0.005));
    assertThat(middles / draws).isCloseTo(99.5, within(3.5)); // 5 std of a uniform position of a half of the width
  }

  @Test
  void erasedAreas() {
    Sample sample = TestSamples.of(new Image(100, 100, 3, new byte[30_000]));
    Erasing erasing = new Erasing(1, new Range(0.02, 0.3), new Range(0.3, 1 / 0.3));
    double sum = 0;
    int draws = 1000;
    for (int i = 0; i < draws; i++) {
      byte[] pixels = erasing.apply(sample, TestSamples.CANVAS, key(i)).image().pixels();
      int erased = 0;
      for (int p = 0; p < pixels.length; p += 3) {
        erased += pixels[p] != 0 || pixels[p + 1] != 0 || pixels[p + 2] != 0 ? 1 : 0;
      }
      assertThat(erased).isBetween(170, 3100); // whole pixels of 200 to 3000
      sum += erased / 1e4;
    }
    assertThat(sum / draws).isCloseTo(0.16, within(5 * 0.28 / Math.sqrt(12 * draws)));
  }

  /** Krizhevsky et al. 2012: the covariance is that of the components, each with the std 0.1 times its eigenvalue. */
  @Test
  void pcaNoiseIsNormalAlongTheComponents() {
    PcaNoise noise = new PcaNoise(0.1);
    assertMean(i -> noise.colour(key(i))[0], 0, 0.013);
    // the red rows' squares: 0.1^2 (0.5675^2 0.2175^2 + 0.7192^2 0.0188^2 + 0.4009^2 0.0045^2)
    double variance = 0.01 * (Math.pow(0.5675 * 0.2175, 2) + Math.pow(0.7192 * 0.0188, 2) + Math.pow(0.4009 * 0.0045, 2));
    assertMean(i -> Math.pow(noise.colour(key(i))[0], 2), variance, variance * Math.sqrt(2));
    double covariance = 0.01 * (0.5675 * 0.5808 * 0.2175 * 0.2175 - 0.7192 * 0.0045 * 0.0188 * 0.0188
        - 0.4009 * 0.8140 * 0.0045 * 0.0045);
    assertMean(i -> noise.colour(key(i))[0] * noise.colour(key(i))[1], covariance, 2 * covariance);
  }

  /** Brightness is uniform from 0.6 to 1.4: seen on a white image of 100. */
  @Test
  void jitterFactors() {
    Sample sample = TestSamples.of(new Image(1, 1, 3, new byte[] {100, 100, 100}));
    ColorJitter jitter = new ColorJitter(0.4, 0, 0, 0);
    assertMean(i -> jitter.apply(sample, TestSamples.CANVAS, key(i)).image().at(0, 0, 0), 100, 80 / Math.sqrt(12));
    for (int i = 0; i < DRAWS; i++) {
      assertThat(jitter.apply(sample, TestSamples.CANVAS, key(i)).image().at(0, 0, 0)).isBetween(60, 140);
    }
  }

  /** Beta(a, a) has the mean 1/2 and the variance 1 / (8 a + 4). */
  @Test
  void betaNumbers() {
    for (double alpha : new double[] {0.01, 0.2, 0.5, 1, 2, 30}) {
      double variance = 1 / (8 * alpha + 4);
      assertMean(i -> Partners.beta(alpha, key(i)), 0.5, Math.sqrt(variance));
      // the fourth central moment of Beta(a, a) is 3 / (16 (2 a + 1) (2 a + 3))
      double fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3));
      assertMean(i -> Math.pow(Partners.beta(alpha, key(i)) - 0.5, 2), variance, Math.sqrt(fourth - variance * variance));
    }
    assertThat(Partners.beta(0.2, Rng.of(1))).isEqualTo(Partners.beta(0.2, Rng.of(1)));
  }
}

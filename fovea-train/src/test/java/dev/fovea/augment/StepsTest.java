package dev.fovea.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of an augmentation. */
class StepsTest {
  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {
      "flip; flip",
      "crop; crop",
      "flip,crop; flip,crop",
      "crop,flip; crop,flip",
      "none; none",
      " flip , crop( 0.25 ) ; flip,crop(0.25)",
      "flip(0.5); flip",
      "resized-crop(0.08..1); resized-crop",
      "resized-crop(0.3..1.0); resized-crop(0.3..1)",
      "resized-crop(0.5); resized-crop(0.5)",
      "resized-crop(ratio=1); resized-crop(ratio=1)",
      "affine(shear=5,degrees=10); affine(10,shear=5)",
      "affine(0,0.1,0.9..1.1); affine(translate=0.1,scale=0.9..1.1)",
      "color-jitter(hue=1e-1); color-jitter(hue=0.1)",
      "color-jitter(-0,0.4); color-jitter(contrast=0.4)",
      "blur(1..1,1); blur(1,1)",
      "randaugment(2,5); randaugment(magnitude=5)",
      "randaugment(3); randaugment(3)",
      "mixup(0.2),cutmix(1.0); mixup,cutmix"
  })
  void textsHaveOneForm(String text, String canonical) {
    assertThat(Augmentation.parse(text)).hasToString(canonical);
    assertThat(Augmentation.parse(canonical)).isEqualTo(Augmentation.parse(text)).hasToString(canonical);
  }

  @Test
  void textsAreThoseOfTheRecords() {
    assertThat(Augmentation.parse("flip,resized-crop(0.3..1),rotation(10),affine(10,0.1,0.9..1.1,5),perspective(0.3,1)"))
        .isEqualTo(Augmentation.of(new Flip(0.5), new ResizedCrop(new Range(0.3, 1), ResizedCrop.STANDARD.ratio()),
            new Rotation(10), new Affine(10, 0.1, new Range(0.9, 1.1), 5), new Perspective(0.3, 1)));
    assertThat(Augmentation.parse("color-jitter(0.1,0.2,0.3,0.4),grayscale,blur,pca,erasing,randaugment,trivialaugment"))
        .isEqualTo(Augmentation.of(new ColorJitter(0.1, 0.2, 0.3, 0.4), new Grayscale(0.1),
            new GaussianBlur(new Range(0.1, 2), 0.5), new PcaNoise(0.1), Erasing.STANDARD, new RandAugment(2, 9),
            new TrivialAugment()));
    assertThat(Augmentation.parse("crop,mixup,cutmix"))
        .isEqualTo(Augmentation.of(new Crop(0.125), new Mixup(0.2), new CutMix(1)));
  }

  @Test
  void randomStepsSurviveTheirText() {
    long seed = LocalDate.now(ZoneOffset.UTC).toEpochDay();
    for (int i = 0; i < 200; i++) {
      Rng r = Rng.of(seed).at(i);
      Augmentation made = Augmentation.of(
          new Flip(r.uniform(0)), new VerticalFlip(r.uniform(14)), new Crop(r.uniform(1)),
          new ResizedCrop(new Range(1e-4 + 0.5 * r.uniform(2), 0.6), Range.of(0.01 + r.uniform(3))),
          new Affine(180 * r.uniform(4), r.uniform(5), new Range(0.1, 10 - r.uniform(6)), 80 * r.uniform(7)),
          new ColorJitter(r.uniform(8), r.uniform(9), 1e-300, 0.5 * r.uniform(10)),
          new RandAugment(1 + r.below(11, 20), r.below(12, 31)),
          new Mixup(0.01 + r.uniform(13)));
      assertThat(Augmentation.parse(made.toString())).as("seed %d, case %d", seed, i).isEqualTo(made);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {
      "flip,crops; there is no augmentation 'crops': did you mean crop? Available: flip, vertical-flip,",
      "''; there is no augmentation '': available: flip,",
      "flip,; there is no augmentation ''",
      "none,flip; there is no augmentation 'none'",
      "flip,flip; augmentation: expected each step once, got flip twice: leave one out",
      "flip(2); augmentation: flip: expected probability from 0..1, got 2; write it as in flip",
      "rotation(x); augmentation: rotation: expected a number, or two as in 0.5..1, got 'x'; write it as in rotation(15)",
      "rotation(); augmentation: rotation: expected a number, or two as in 0.5..1, got ''",
      "rotation(NaN); expected a number",
      "rotation(1e999); expected a number",
      "rotation(1e308..1e309); expected a number",
      "rotation(5..6); augmentation: rotation: expected one number for degrees, got 5..6; write it as in rotation(15)",
      "rotation(200); expected degrees from 0..180, got 200",
      "rotation(1,2); expected at most 1 value, each once, those with a name last, got '1,2'",
      "rotation(degree=2); augmentation: rotation: has no 'degree': did you mean degrees?",
      "affine(degrees=2,2); expected at most 4 values, each once, those with a name last",
      "affine(2,degrees=2); expected at most 4 values, each once",
      "affine; augmentation: affine: changes nothing with these values; write it as in affine(10,",
      "color-jitter(0); augmentation: color-jitter: changes nothing with these values; write it as in color-jitter(0.4",
      "resized-crop(1..0.5); a range goes from a number to one that is not smaller, got 1.0 and 0.5",
      "resized-crop(0..1); expected area from 0.0001..1, got 0..1; write it as in resized-crop(0.08..1)",
      "resized-crop(0.5; expected a pair of parentheses around the values of a step, as in rotation(15), got 'resized-crop(0.5'",
      "resized-crop)0.5(; expected a pair of parentheses",
      "rotation((5)); expected a pair of parentheses",
      "rotation(5)flip; augmentation: rotation: expected a comma after it, got 'flip'",
      "randaugment(1.5); expected a whole number for operations, got 1.5",
      "randaugment(1e9); expected operations from 1..20",
      "trivialaugment(3); expected at most 0 values",
      "mixup(0); expected alpha from 0.01..100, got 0; write it as in mixup(0.2)",
      "perspective(0.7); expected distortion from 0..0.6"
  })
  void malformedTextsAreRefusedInOneLine(String text, String message) {
    assertThatThrownBy(() -> Augmentation.parse(text)).isInstanceOf(FoveaException.class).hasMessageContaining(message)
        .hasMessageNotContainingAny("\n", "\r");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(", ")", ",", "(((((", "flip(((", "flip\n", "f\u0000lip", "rotation(1e99999999999)", "rotation(=)", "=,="})
  void hostileTextsAreRefusedInOneLine(String text) {
    for (String hostile : List.of(text, text.repeat(1 + 3000 / text.length()))) {
      try {
        assertThat(Augmentation.parse(hostile)).isEqualTo(Augmentation.parse(hostile.strip()));
      } catch (FoveaException e) {
        assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(500);
      }
    }
  }

  @Test
  void recordsRefuseWhatTextsMayNotHold() {
    assertThatThrownBy(() -> new Flip(Double.NaN)).isInstanceOf(FoveaException.class).hasMessageContaining("got NaN");
    assertThatThrownBy(() -> new Crop(Double.POSITIVE_INFINITY)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("Infinity");
    assertThatThrownBy(() -> new Range(2, 1)).isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> new Range(0, Double.NaN)).isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> new CutMix(-1)).isInstanceOf(FoveaException.class).hasMessageContaining("as in cutmix(1)");
  }
}

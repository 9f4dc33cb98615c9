package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.Split;
import dev.fovea.model.Model;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.run.TrainingRun;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Augmentation.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AugmentationTest {
  private static final Augmentation BOTH = Augmentation.parse("flip,crop");
  private static final Shape SHAPE = Shape.of(2, 17, 24);

  /** The values 1, 2, 3, ... between two guard values. */
  private static float[] image() {
    float[] values = new float[SHAPE.size() + 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return values;
  }

  private static float[] varied(Augmentation augmentation, int epoch, int index) {
    float[] values = image();
    augmentation.apply(Augmentation.random(7, epoch, index), values, 1, SHAPE, -5);
    return values;
  }

  /** Mirrored or not, padded with -5, and cropped at the corner {@code (left, top)}. */
  private static float[] expected(boolean flip, int top, int left) {
    float[] from = image();
    float[] to = image();
    int padY = 17 / 8;
    int padX = 24 / 8;
    for (int i = 0; i < SHAPE.size(); i++) {
      int y = i / 24 % 17 + top - padY;
      int x = i % 24 + left - padX;
      boolean inside = y >= 0 && y < 17 && x >= 0 && x < 24;
      to[1 + i] = inside ? from[1 + i / (17 * 24) * 17 * 24 + y * 24 + (flip ? 23 - x : x)] : -5;
    }
    return to;
  }

  private static Map<List<Float>, String> allCrops() {
    Map<List<Float>, String> all = new HashMap<>();
    for (int index = 0; index < 2 * 5 * 7; index++) {
      boolean flip = index % 2 == 1;
      all.put(list(expected(flip, index / 2 % 5, index / 10)), (flip ? "mirrored " : "") + index / 2 % 5 + "," + index / 10);
    }
    return all;
  }

  private static List<Float> list(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  @Test
  void everyImageIsAMirroredCropAndAllOccur() {
    Map<List<Float>, String> all = allCrops();
    assertThat(all).hasSize(70);
    Set<String> seen = new HashSet<>();
    for (int index = 0; index < 1500; index++) {
      String found = all.get(list(varied(BOTH, 3, index)));
      assertThat(found).as("image %d", index).isNotNull();
      seen.add(found);
    }
    assertThat(seen).hasSize(70);
  }

  @Test
  void halfOfTheImagesAreMirrored() {
    float[] mirrored = expected(true, 2, 3);
    int count = 0;
    for (int index = 0; index < 1000; index++) {
      float[] flipped = varied(new Augmentation(List.of(Step.FLIP)), 0, index);
      boolean flip = Arrays.equals(flipped, mirrored);
      assertThat(flip || Arrays.equals(flipped, image())).isTrue();
      count += flip ? 1 : 0;
    }
    assertThat(count).isBetween(430, 570);
  }

  @Test
  void paddingIsFourAtThirtyTwoPixels() {
    Shape shape = Shape.of(1, 32, 32);
    int maximum = 0;
    for (int index = 0; index < 300; index++) {
      float[] values = new float[shape.size()];
      Arrays.fill(values, 1);
      Augmentation.parse("crop").apply(Augmentation.random(1, 0, index), values, 0, shape, 0);
      int rows = 0;
      for (int y = 0; y < 32; y++) {
        rows += values[y * 32 + 16] == 0 ? 1 : 0;
      }
      maximum = Math.max(maximum, rows);
    }
    assertThat(maximum).isEqualTo(4);
  }

  @Test
  void onlySeedEpochAndIndexDetermineTheTransformation() {
    assertThat(varied(BOTH, 1, 4)).isEqualTo(varied(BOTH, 1, 4));
    Set<List<Float>> different = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      different.add(list(varied(BOTH, i, 4)));
      different.add(list(varied(BOTH, 1, 100 + i)));
    }
    assertThat(different).hasSizeGreaterThan(20);
    assertThat(Augmentation.random(1, 2, 3)).isNotEqualTo(Augmentation.random(2, 2, 3));
  }

  @Test
  void noneLeavesImagesUnchanged() {
    assertThat(varied(Augmentation.NONE, 0, 0)).isEqualTo(image());
  }

  @Test
  void textsAreParsedInAnyOrder() {
    assertThat(Augmentation.parse("crop,flip")).isEqualTo(BOTH).hasToString("flip,crop");
    assertThat(Augmentation.parse("none")).isEqualTo(Augmentation.NONE).hasToString("none");
    assertThat(Augmentation.parse("crop").steps()).containsExactly(Step.CROP);
    assertThatThrownBy(() -> Augmentation.parse("flip,crops"))
        .isInstanceOf(FoveaException.class)
        .hasMessageContainingAll("'crops'", "did you mean crop?", "flip,crop");
    assertThatThrownBy(() -> Augmentation.parse("flip,flip"))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("each step once");
    assertThatThrownBy(() -> Augmentation.parse("")).isInstanceOf(FoveaException.class).hasMessageContaining("''");
  }

  @Test
  void augmentedTrainingGivesSameBitsOnAnyNumberOfThreads() {
    String one = trained(BOTH, 1);
    assertThat(trained(BOTH, 3)).isEqualTo(one);
    assertThat(trained(Augmentation.NONE, 1)).isNotEqualTo(one);
  }

  private static String trained(Augmentation augmentation, int threads) {
    Split data = Tiny.split();
    Model model = Tiny.model(1);
    Tiny.trainer(model).augment(augmentation).threads(threads).fit(data.train(), data.validation());
    return model.parameters().fingerprint();
  }

  @Test
  void stoppedRunResumesToTheSameBitsAndRefusesOtherAugmentation(@TempDir Path folder) {
    Split data = Tiny.split();
    Path file = folder.resolve("checkpoint.safetensors");
    int[] left = {8};
    Trainer trainer = Tiny.trainer(Tiny.model(1)).augment(BOTH);
    TrainEvent.Ended ended = trainer.stopWhen(() -> left[0]-- == 0).fit(data.train(), data.validation());
    ((TrainEvent.Interrupted) ended).checkpoint().write(file);
    Model model = Tiny.model(5);
    Tiny.trainer(model).augment(BOTH).from(Checkpoint.read(file)).fit(data.train(), data.validation());
    assertThat(model.parameters().fingerprint()).isEqualTo(trained(BOTH, 1));
    assertThatThrownBy(() -> Tiny.trainer(Tiny.model(5)).from(Checkpoint.read(file)).fit(data.train(), data.validation()))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("written with the augmentation flip,crop, this run has none");
  }

  @Test
  void augmentationIsInConfigurationAndCommand(@TempDir Path folder) {
    RunConfig plain = Tiny.config();
    RunConfig varied = new RunConfig(plain.network(), Map.of("hidden", "6", RunConfig.AUGMENT, "flip"), plain.data(),
        plain.epochs(), plain.steps(), plain.training());
    assertThat(varied.command(Path.of("x"))).contains(" --augment flip ");
    assertThat(varied.difference(plain)).contains("augment flip, now (none)");
    TrainingRun.of(varied, Tiny.model(7), Tiny.split()).run(folder.resolve("run"), RunFolder.Mode.NEW);
    assertThatThrownBy(() -> TrainingRun.of(plain, Tiny.model(7), Tiny.split()).run(folder.resolve("run"), RunFolder.Mode.RESUME))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("augment flip, now (none)");
  }
}

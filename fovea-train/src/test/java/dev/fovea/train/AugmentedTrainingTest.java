package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.augment.Augmentation;
import dev.fovea.data.Split;
import dev.fovea.model.Model;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.run.TrainingRun;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentedTrainingTest {
  @ParameterizedTest
  @ValueSource(strings = {"flip,crop", "resized-crop(0.5..1),trivialaugment", "mixup(0.4)", "flip,mixup,cutmix"})
  void sameBitsOnAnyNumberOfThreads(String text) {
    Augmentation augmentation = Augmentation.parse(text);
    String one = trained(augmentation, 1);
    assertThat(trained(augmentation, 3)).isEqualTo(one);
    assertThat(trained(Augmentation.NONE, 1)).isNotEqualTo(one);
  }

  private static String trained(Augmentation augmentation, int threads) {
    Split data = Tiny.split();
    Model model = Tiny.model(1);
    Tiny.trainer(model).augment(augmentation).threads(threads).fit(data.train(), data.validation());
    return model.parameters().fingerprint();
  }

  /** The weights of this run when flip and crop were the only steps. */
  @Test
  void flippedRunsKeepTheirBits() {
    assertThat(trained(Augmentation.parse("flip"), 1)).startsWith("b2aac8b549bad3d5428c09d02c8de3ee");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flip,crop", "flip,mixup(0.4)"})
  void stoppedRunResumesToTheSameBitsAndRefusesOtherAugmentation(String text, @TempDir Path folder) {
    Augmentation augmentation = Augmentation.parse(text);
    Split data = Tiny.split();
    Path file = folder.resolve("checkpoint.safetensors");
    int[] left = {8};
    Trainer trainer = Tiny.trainer(Tiny.model(1)).augment(augmentation);
    TrainEvent.Ended ended = trainer.stopWhen(() -> left[0]-- == 0).fit(data.train(), data.validation());
    ((TrainEvent.Interrupted) ended).checkpoint().write(file);
    Model model = Tiny.model(5);
    Tiny.trainer(model).augment(augmentation).from(Checkpoint.read(file)).fit(data.train(), data.validation());
    assertThat(model.parameters().fingerprint()).isEqualTo(trained(augmentation, 1));
    assertThatThrownBy(() -> Tiny.trainer(Tiny.model(5)).from(Checkpoint.read(file)).fit(data.train(), data.validation()))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("written with the augmentation " + text + ", this run has none");
  }

  @Test
  void augmentationIsInConfigurationAndCommand(@TempDir Path folder) {
    RunConfig plain = Tiny.config();
    RunConfig varied = new RunConfig(plain.network(), Map.of("hidden", "6", RunConfig.AUGMENT, "flip,resized-crop(0.3..1)"),
        plain.data(), plain.epochs(), plain.steps(), plain.training());
    assertThat(varied.command(Path.of("x"))).contains(" --augment 'flip,resized-crop(0.3..1)' ");
    assertThat(varied.difference(plain)).contains("augment flip,resized-crop(0.3..1), now (none)");
    TrainingRun.of(varied, Tiny.model(7), Tiny.split()).run(folder.resolve("run"), RunFolder.Mode.NEW);
    assertThatThrownBy(() -> TrainingRun.of(plain, Tiny.model(7), Tiny.split()).run(folder.resolve("run"), RunFolder.Mode.RESUME))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("augment flip,resized-crop(0.3..1), now (none)");
  }

  @Test
  void mixingIsRefusedWherePixelsHaveLabels() {
    assertThatThrownBy(() -> Scenes.trainer(Scenes.model()).augment(Augmentation.parse("flip,cutmix")))
        .isInstanceOf(FoveaException.class)
        .hasMessage("augmentation: cutmix mixes the labels of whole images, here each pixel has one: leave it out");
  }
}

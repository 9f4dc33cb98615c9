package dev.fovea.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.augment.Augmentation;
import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.data.LabelledImage;
import dev.fovea.data.Split;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Evaluator;
import dev.fovea.metric.Metric;
import dev.fovea.model.Model;
import dev.fovea.model.Segmentation;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.Loss;
import dev.fovea.train.Progress;
import dev.fovea.train.Scenes;
import dev.fovea.train.Tiny;
import dev.fovea.train.TrainEvent.EpochDone;
import dev.fovea.train.TrainState;
import dev.fovea.train.Trainer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A class for each pixel, from a folder of label maps to an image of the prediction. */
class SegmentationTest {
  @TempDir
  Path folder;

  private static List<EpochDone> train(Trainer trainer, Split data) {
    List<EpochDone> epochs = new ArrayList<>();
    trainer.listen(event -> {
      if (event instanceof EpochDone done) {
        epochs.add(done);
      }
    }).fit(data.train(), data.validation());
    return epochs;
  }

  @Test
  void pixelsAreLearned() throws IOException {
    Split data = Scenes.write(folder, 0);
    Model model = Scenes.model();
    assertThat(Loss.forModel(model)).isSameAs(Loss.PIXEL_CROSS_ENTROPY);
    List<EpochDone> epochs = train(Scenes.trainer(model), data);
    TrainState first = epochs.getFirst().training();
    TrainState last = epochs.getLast().training();
    assertThat(last.meanLoss()).isLessThan(first.meanLoss() / 3);
    assertThat(last.accuracy()).isGreaterThan(0.95);
    assertThat(last.images()).isEqualTo(11);
    assertThat(last.labels()).isEqualTo(11 * 96);
    assertThat(epochs.getLast().validation().score()).isGreaterThan(0.9);
    assertThat(epochs.getLast().validation().count()).isEqualTo(5 * 96);
  }

  @Test
  void sameBitsOnAnyNumberOfThreadsWithAugmentation() throws IOException {
    Split data = Scenes.write(folder, 0);
    List<String> prints = new ArrayList<>();
    for (int threads : new int[] {1, 3}) {
      Model model = Scenes.model();
      train(Scenes.trainer(model).threads(threads).augment(Augmentation.parse("flip")), data);
      prints.add(model.parameters().fingerprint());
    }
    assertThat(prints.get(1)).isEqualTo(prints.get(0));
  }

  /** If images and labels were mirrored independently, the boats could not be learned. */
  @Test
  void labelsAreMirroredWithTheirImages() throws IOException {
    Split data = Scenes.write(folder, 0);
    List<EpochDone> epochs = train(Scenes.trainer(Scenes.model()).augment(Augmentation.parse("flip")), data);
    assertThat(epochs.getLast().training().accuracy()).isGreaterThan(0.95);
  }

  @Test
  void unlabelledPixelsAndPaddingAreIgnoredByTheLoss() throws IOException {
    // Unless the loss ignores unlabelled pixels.
    Split data = Scenes.write(folder, 5);
    List<EpochDone> epochs = train(Scenes.trainer(Scenes.model()).augment(Augmentation.parse("flip,crop")), data);
    assertThat(epochs.getLast().training().labels()).isLessThan(11 * (96 - 20));
    assertThat(epochs.getLast().training().accuracy()).isGreaterThan(0.95);
    assertThat(epochs.getLast().training().meanLoss()).isBetween(0.0, epochs.getFirst().training().meanLoss() / 2);
    assertThat(epochs.getLast().validation().count()).isEqualTo(5 * (96 - 20));
  }

  @Test
  void evaluationIsTheSumOverSingleImages() throws IOException {
    Split data = Scenes.write(folder, 7);
    Model model = Scenes.model();
    Evaluation result = Evaluator.of(model, 1).evaluate(data.validation());
    long[][] expected = new long[3][3];
    for (int i = 0; i < data.validation().size(); i++) {
      LabelledImage both = data.validation().labelled(i);
      LabelMap answer = model.segment(both.image()).labels();
      for (int p = 0; p < answer.classes().length; p++) {
        if ((both.labels().classes()[p] & 0xff) != LabelMap.VOID) {
          expected[both.labels().classes()[p]][answer.classes()[p]]++;
        }
      }
    }
    assertThat(result.confusion()).isDeepEqualTo(expected);
    assertThat(result.ofPixels()).isTrue();
    assertThat(result.count()).isEqualTo(5 * (96 - 14));
    assertThat(result.worst()).isEmpty();
    assertThat(Evaluator.of(model, 2).evaluate(data.validation())).isEqualTo(result);
  }

  @Test
  void lossIsTheMeanOverTheLabelledPixels() throws IOException {
    Split data = Scenes.write(folder, 0);
    Model model = Scenes.model();
    double evaluated = Evaluator.of(model, 1).evaluate(data.train()).loss();
    // The loss of the first step, with all images in one batch, is that of the initial network.
    List<EpochDone> epochs = train(Scenes.trainer(model).batchSize(11).epochs(1), data);
    assertThat(evaluated).isCloseTo(epochs.getFirst().training().meanLoss(), within(1e-5));
  }

  @Test
  void predictionHasTheSizeOfTheImage() throws IOException {
    Split data = Scenes.write(folder, 0);
    Model model = Scenes.model();
    Image image = data.validation().image(0).resize(31, 17);
    Segmentation answer = model.segment(image);
    assertThat(answer.labels()).hasToString("31x17");
    assertThat(answer.classes()).isEqualTo(Scenes.CLASSES);
    assertThat(IntStream.range(0, 3).mapToDouble(answer::share).sum()).isEqualTo(1, within(1e-12));
    assertThat(answer.overlay(image)).hasToString("31x17x3");
    LabelMap small = model.segment(image.resize(Scenes.WIDTH, Scenes.HEIGHT)).labels();
    assertThat(answer.labels()).isEqualTo(small.resize(31, 17));
    assertThatThrownBy(() -> model.predict(image)).isInstanceOf(FoveaException.class).hasMessageContaining("use segment");
    assertThatThrownBy(() -> Tiny.model(1).segment(image)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("use predict");
    model.parameters().values()[0] = Float.NaN;
    model.parameters().changed();
    assertThatThrownBy(() -> model.segment(image)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("gives outputs that are not finite");
  }

  @Test
  void progressShowsMeanIou() throws IOException {
    Split data = Scenes.write(folder, 0);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    EpochDone epoch = train(Scenes.trainer(Scenes.model()).epochs(1).listen(Progress.on(out, false)), data).getFirst();
    String figure = String.format(Locale.ROOT, "validation mean IoU %.4f", epoch.validation().score());
    Evaluation validation = (Evaluation) epoch.validation();
    assertThat(validation.meanIou()).isNotEqualTo(validation.accuracy());
    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("  " + figure + " (best)", "best epoch 1, " + figure);
  }

  @Test
  void dataWithoutLabelledPixelsAreRefused() throws IOException {
    Split data = Scenes.write(folder, 1);
    assertThatThrownBy(() -> Scenes.trainer(Scenes.model()).epochs(1).fit(data.train(), data.validation()))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining(data.validation().name() + ": no pixel has a class");
  }

  @Test
  void dataOfTheOtherKindIsRefused() throws IOException {
    Split scenes = Scenes.write(folder, 0);
    Dataset images = Tiny.split().train();
    assertThatThrownBy(() -> Scenes.trainer(Scenes.model()).fit(images, images))
        .isInstanceOf(FoveaException.class)
        .hasMessageContainingAll("tiny:train: labels images", "scenes labels pixels");
    assertThatThrownBy(() -> Evaluator.of(Tiny.model(1), 1).evaluate(scenes.train()))
        .isInstanceOf(FoveaException.class)
        .hasMessageContainingAll("labels pixels", "tiny labels images");
  }

  @Test
  void wholeRunHasAReportOfPixels() throws IOException {
    Split data = Scenes.write(folder.resolve("data"), 0);
    RunConfig.Training training = new RunConfig.Training(4, "adam", 0.02, 0, 0, "constant", 0, 1, 1);
    RunConfig config = new RunConfig("scenes", Map.of(), "segmentation:data", 3, 0, training);
    Path run = folder.resolve("run");
    TrainingRun.of(config, Scenes.model(), data).run(run, RunFolder.Mode.NEW);
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("mean IoU on validation", "480 labelled pixels of 5 images", "pixel accuracy", ">IoU<",
            "predicted classes of the pixels")
        .doesNotContain("Most confident mistakes", "interval");
    RunResult result = RunResult.of(JsonFile.read(run.resolve("config.json")).object("result"));
    assertThat(result.testCount()).isEqualTo(5);
    Evaluation last = Evaluator.of(RunFolder.model(run), 1).evaluate(data.validation());
    assertThat(result.testAccuracy()).isEqualTo(last.accuracy());
    assertThat(result.testScore()).isEqualTo(last.meanIou());
    List<Double> ious = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      ious.add(JsonFile.parse("line", line).number("validation_mean_iou"));
    }
    assertThat(result.metric()).isEqualTo(Metric.MEAN_IOU);
    assertThat(result.best().score()).isEqualTo(Collections.max(ious)).isBetween(0.1, 1.0);
    assertThat(result.best().epoch()).isEqualTo(ious.indexOf(result.best().score()) + 1);
    assertThat(Evaluator.of(Model.load(run.resolve("best.safetensors")), 1).evaluate(data.validation()).meanIou())
        .isEqualTo(result.best().score());
  }

  @Test
  @Tag("slow")
  void realRoadScenesAreLearned() {
    Split camvid = Datasets.open("segmentation:" + realData("camvid"));
    Model model = Scenes.model(camvid.train().classes(), 45, 60);
    List<EpochDone> epochs = train(Scenes.trainer(model).epochs(4).augment(Augmentation.parse("flip,crop")), camvid);
    assertThat(epochs.getLast().training().meanLoss()).isLessThan(epochs.getFirst().training().meanLoss() - 0.2);
    assertThat(((Evaluation) epochs.getLast().validation()).accuracy()).isGreaterThan(0.3);
    assertThat(epochs.getLast().validation().count()).isLessThan(21 * 45 * 60);
  }

  /** A folder of real data; the test is skipped if it is absent. */
  private static Path realData(String name) {
    String named = System.getenv("FOVEA_DATA");
    Stream<Path> folders = named != null ? Stream.of(Path.of(named))
        : Stream.iterate(Path.of("").toAbsolutePath(), p -> p != null, Path::getParent).map(p -> p.resolve("shared/data"));
    Optional<Path> found = folders.map(folder -> folder.resolve(name)).filter(Files::exists).findFirst();
    assumeTrue(found.isPresent(), name + " is neither in FOVEA_DATA nor in ../shared/data of the project's root");
    return found.orElseThrow();
  }
}

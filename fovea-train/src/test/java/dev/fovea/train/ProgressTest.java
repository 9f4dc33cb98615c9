package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.Split;
import dev.fovea.graph.Window;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.PartialConv2d;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.train.TrainEvent.StepDone;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final Split data = Tiny.split();

  @Test
  void withoutTerminalThereIsALinePerEpoch() {
    Tiny.trainer(Tiny.model(1)).epochs(2).listen(Progress.on(out, false, () -> 0)).fit(data.train(), data.validation());
    List<String> lines = text().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.getFirst()).matches("tiny: 123 parameters, 43 images, 2 epochs of 6 steps, about [\\d,]+ MiB of memory");
    assertThat(lines.get(1))
        .matches("epoch 1/2  train loss \\d\\.\\d{4}  validation accuracy \\d\\.\\d{4} \\(best\\)  weights [0-9a-f]{12}"
            + "  \\d+ images/s");
    assertThat(lines.getLast())
        .matches("finished after step 12  best epoch [12], validation accuracy \\d\\.\\d{4}  weights [0-9a-f]{12}");
    assertThat(text()).doesNotContain("\r");
  }

  /** Each step takes two seconds; the second is shown after two seconds, the next after four and eight. */
  @Test
  void withoutTerminalUpdatesAreAtGrowingIntervals() {
    long[] seconds = {0};
    Progress progress = Progress.on(out, false, () -> seconds[0] * 1_000_000_000);
    Tiny.trainer(Tiny.model(1)).epochs(2).batchSize(4).listen(event -> seconds[0] += event instanceof StepDone ? 2 : 0)
        .listen(progress)
        .fit(data.train(), data.validation());
    List<String> lines = text().lines().toList();
    assertThat(lines.stream().map(line -> line.replaceFirst("  loss.*|  train loss.*| parameters.*", ""))).containsExactly(
        "tiny: 123", "epoch 1/2  step 1/11", "epoch 1/2  step 2/11", "epoch 1/2  step 4/11", "epoch 1/2  step 8/11", "epoch 1/2",
        "epoch 2/2  step 1/11", "epoch 2/2  step 2/11", "epoch 2/2  step 4/11", "epoch 2/2  step 8/11", "epoch 2/2",
        lines.getLast());
    assertThat(lines.get(1)).matches("epoch 1/2  step 1/11  loss \\d\\.\\d{4}  2 images/s  0:42 left");
  }

  @Test
  void longEvaluationsAreShown() {
    long[] seconds = {0};
    Progress progress = Progress.on(out, false, () -> seconds[0] * 1_000_000_000);
    Tiny.trainer(Tiny.model(1)).epochs(1).listen(event -> seconds[0] += event instanceof TrainEvent.Evaluating ? 2 : 0)
        .listen(progress).fit(data.train(), data.validation());
    assertThat(text().lines().toList().get(1)).matches("tiny:validation  \\d+/20 images");
  }

  /** The line of the evaluation is cleared, so that no output is appended to it. */
  @Test
  void finishedEvaluationClearsItsLine() {
    Progress progress = Progress.on(out, true, () -> 1_000_000_000);
    progress.accept(new TrainEvent.Evaluating("tiny:test", 8, 20));
    assertThat(text()).isEqualTo("\rtiny:test  8/20 images");
    progress.accept(new TrainEvent.Evaluating("tiny:test", 20, 20));
    assertThat(text()).endsWith("\r" + " ".repeat(22) + "\r");
  }

  /** As in fovea summary: masked weights are not parameters. */
  @Test
  void maskedWeightsAreCountedByTheirConnections() {
    Layer layer = Sequential.of(
        new PartialConv2d(List.of(List.of(0), List.of(0, 1)), Window.of(1)), new Flatten(), Linear.of(3));
    Model model = Model.create(
        Sequential.of(Conv2d.of(2, 1), layer), new Card("part", Tiny.CLASSES, Tiny.model(1).card().preprocessing(), Map.of()), 1);
    Trainer.of(model).listen(Progress.on(out, false)).fit(data.train(), data.validation());
    assertThat(text()).startsWith("part: " + (4 + 3 + 2 + 32 * 3 + 3) + " parameters, ");
  }

  @Test
  void lastBatchOfOneWithBatchNormalisationIsReported() {
    Layer layer = Sequential.of(new Flatten(), Linear.of(6), BatchNorm2d.standard().named("norm"), Linear.of(3));
    Trainer.of(Model.create(layer, Tiny.model(1).card(), 1)).batchSize(7).listen(Progress.on(out, false))
        .fit(data.train(), data.validation());
    assertThat(text().lines().toList().get(1)).isEqualTo(
        "the last batch of an epoch has one image; the image before it is added: batch normalisation (norm) needs two");
  }

  @Test
  void onATerminalOneLineIsRewritten() {
    Progress progress = Progress.on(out, true);
    Tiny.trainer(Tiny.model(1)).epochs(1).listen(progress).listen(event -> {
      if (event instanceof TrainEvent.StepDone) {
        pause();
      }
    }).fit(data.train(), data.validation());
    assertThat(text()).containsPattern("\repoch 1/1  step [2-6]/6  loss \\d\\.\\d{4}  \\d+ images/s  0:0\\d left");
    assertThat(text()).containsPattern(" \repoch 1/1  train loss");
  }

  @Test
  void stoppedRunReportsItsStep() {
    int[] left = {4};
    Tiny.trainer(Tiny.model(1))
        .stopWhen(() -> left[0]-- == 0)
        .listen(Progress.on(out, false))
        .fit(data.train(), data.validation());
    assertThat(text()).endsWith("stopped after step 4 of 18" + System.lineSeparator());
  }

  @ParameterizedTest
  @CsvSource({"0, 0:00", "59.6, 1:00", "3599, 59:59", "3723, 1:02:03", "1e99, 277777:46:40"})
  void durationsAreFormattedAsClocks(double seconds, String text) {
    assertThat(Progress.duration(seconds)).isEqualTo(text);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void pause() {
    try {
      Thread.sleep(60);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

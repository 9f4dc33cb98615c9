package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.Datasets;
import dev.fovea.data.Given;
import dev.fovea.data.Split;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the JDK's flight recorder has of a run. */
class FlightRecorderTest {
  @TempDir
  Path folder;

  private List<RecordedEvent> record(String kernels, ThrowingRunnable action) throws IOException {
    Path file = folder.resolve("run.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("dev.fovea.Kernel").withThreshold(Duration.ZERO);
      if (kernels.equals("off")) {
        recording.disable("dev.fovea.Kernel");
      }
      recording.start();
      action.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream().sorted(Comparator.comparing(RecordedEvent::getStartTime)).toList();
  }

  private interface ThrowingRunnable {
    void run() throws IOException;
  }

  private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
    return events.stream().filter(event -> event.getEventType().getName().equals("dev.fovea." + name)).toList();
  }

  private void train(Split data) {
    Model model = Tiny.model(7);
    Tiny.trainer(model).epochs(1).listen(event -> {
      if (event instanceof TrainEvent.EpochDone done) {
        done.checkpoint().write(folder.resolve("checkpoint"));
      }
    }).fit(data.train(), data.validation());
  }

  @Test
  void showsStepsKernelsAndCheckpoints() throws IOException {
    List<RecordedEvent> events = record("on", () -> train(Tiny.split()));
    List<RecordedEvent> steps = of(events, "Step");
    assertThat(steps).extracting(e -> e.getLong("step")).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(steps).extracting(e -> e.getInt("images")).containsExactly(8, 8, 8, 8, 8, 3);
    assertThat(steps).allSatisfy(e -> {
      assertThat(e.getInt("epoch")).isOne();
      assertThat(e.getDouble("loss")).isPositive();
      assertThat(e.getDouble("learningRate")).isPositive();
      assertThat(e.getDuration()).isPositive();
    });
    assertThat(of(events, "Load")).hasSameSizeAs(steps).allSatisfy(e -> assertThat(within(e, steps)).isTrue());
    assertThat(of(events, "Kernel")).hasSizeGreaterThan(6 * 8)
        .anySatisfy(e -> {
          assertThat(e.getString("layer")).isEqualTo("hidden");
          assertThat(e.getString("kernel")).isNotBlank();
          assertThat(e.getLong("multiplyAdds")).isPositive();
        });
    assertThat(of(events, "Checkpoint")).singleElement().satisfies(e -> {
      assertThat(e.getLong("step")).isEqualTo(6);
      assertThat(e.getString("file")).isEqualTo(folder.resolve("checkpoint").toString());
      assertThat(e.getLong("bytes")).as("the parameters and a slot of each").isEqualTo(2 * 4 * (16 * 6 + 6 + 6 * 3 + 3));
    });
  }

  private static boolean within(RecordedEvent event, List<RecordedEvent> others) {
    return others.stream().anyMatch(
        other -> !event.getStartTime().isBefore(other.getStartTime()) && !event.getEndTime().isAfter(other.getEndTime()));
  }

  @Test
  void showsDecodedImages() throws IOException {
    List<Path> files = new ArrayList<>();
    for (int c = 0; c < 3; c++) {
      Path of = Files.createDirectories(folder.resolve("images/row" + c));
      for (int i = 0; i < 12; i++) {
        Path file = of.resolve(i + ".png");
        new Image(4, 4, 1, new byte[16]).write(file);
        files.add(file);
      }
    }
    List<RecordedEvent> events = record("off", () -> {
      Split split = Datasets.open("images:" + folder.resolve("images"));
      train(new Split(Given.unloaded(split.train(), Tiny.model(7).card().preprocessing()), split.validation(), split.test()));
    });
    assertThat(of(events, "Kernel")).isEmpty();
    assertThat(of(events, "Decode")).hasSizeGreaterThan(20)
        .allSatisfy(e -> {
          assertThat(files).contains(Path.of(e.getString("file")));
          assertThat(e.getLong("bytes")).isEqualTo(Files.size(Path.of(e.getString("file"))));
        });
  }
}

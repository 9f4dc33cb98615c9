package dev.fovea.run;

import dev.fovea.format.AtomicFile;
import dev.fovea.format.TextFile;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.TrainEvent;
import dev.fovea.train.TrainState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The file {@code metrics.jsonl}: one line per epoch. It is rewritten atomically each time, so it never has an incomplete line. */
final class MetricsFile {
  private static final long MAX_BYTES = 1 << 26;
  private static final String ACCURACY = "validation_accuracy";
  private static final String MEAN_IOU = "validation_mean_iou";

  private final Path file;
  private final List<String> lines = new ArrayList<>();

  /** Reads the lines of the first {@code epochs} epochs; drops lines that an interrupted run wrote after its last checkpoint. */
  MetricsFile(Path file, int epochs) {
    this.file = file;
    if (epochs == 0 || !Files.exists(file)) {
      return;
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new FoveaException(file + ": has more than " + MAX_BYTES + " bytes, so it was not written by a run: remove it");
      }
      for (String line : TextFile.read(file).lines().toList()) {
        int epoch = JsonFile.parse(file.toString(), line).integer("epoch");
        if (epoch > lines.size() && epoch <= epochs) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      throw new FoveaException(file + ": cannot be read: it is not UTF-8 text, or permission is denied: remove it", e);
    }
  }

  /** The metrics of the file's epochs. */
  static List<EpochMetrics> read(Path file) {
    List<EpochMetrics> points = new ArrayList<>();
    for (String line : new MetricsFile(file, Integer.MAX_VALUE).lines) {
      JsonFile json = JsonFile.parse(file.toString(), line);
      points.add(new EpochMetrics(
          json.integer("epoch"),
          json.number("train_loss"),
          json.number("validation_loss"),
          json.number(json.has(MEAN_IOU) ? MEAN_IOU : ACCURACY),
          json.number("learning_rate")));
    }
    return points;
  }

  /** The time of the training steps of the file's epochs, without evaluations. */
  static double seconds(Path file) {
    return new MetricsFile(file, Integer.MAX_VALUE).lines.stream()
        .mapToDouble(line -> JsonFile.parse(file.toString(), line).number("seconds"))
        .sum();
  }

  void append(TrainEvent.EpochDone done) {
    TrainState training = done.training();
    ObjectNode json = JsonFile.object();
    json.put("epoch", done.epoch()).put("step", training.step());
    json.put("train_loss", training.meanLoss()).put("train_accuracy", training.accuracy());
    json.put("validation_loss", done.validation().loss()).put(ACCURACY, done.validation().accuracy());
    if (done.validation().ofPixels()) {
      json.put(MEAN_IOU, done.validation().meanIou());
    }
    json.put("learning_rate", done.learningRate()).put("best", done.isBest());
    json.put("seconds", rounded(training.seconds())).put("images_per_s", rounded(training.imagesPerSecond()));
    json.put("fingerprint", done.fingerprint());
    lines.add(json.toString());
    write();
  }

  void write() {
    AtomicFile.write(file, lines.isEmpty() ? "" : String.join("\n", lines) + "\n");
  }

  private static double rounded(double value) {
    return Math.round(value * 1e6) / 1e6;
  }
}

package dev.fovea.run;

import dev.fovea.diagnose.Finding;
import dev.fovea.format.AtomicFile;
import dev.fovea.format.TextFile;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Metric;
import dev.fovea.metric.Metrics;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.TrainEvent;
import dev.fovea.train.TrainState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The file {@code metrics.jsonl}: one line per epoch. It is rewritten atomically each time, so it never has an incomplete line. */
final class MetricsFile {
  private static final long MAX_BYTES = 1 << 26;
  private static final String FINDINGS = "findings";
  private static final String VALIDATION = "validation_";

  /** The keys of scores; files of pixels have that of accuracy too. */
  private static final List<String> SCORES = Stream.of(Metric.MEAN_IOU, Metric.ACCURACY, Metric.MEAN_AVERAGE_PRECISION, Metric.R2)
      .map(metric -> VALIDATION + metric.key()).toList();

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

  /** All lines of a file. */
  static MetricsFile read(Path file) {
    return new MetricsFile(file, Integer.MAX_VALUE);
  }

  /** The metrics of the file's epochs. */
  List<EpochMetrics> epochs() {
    List<EpochMetrics> points = new ArrayList<>();
    for (String line : lines) {
      JsonFile json = JsonFile.parse(file.toString(), line);
      points.add(new EpochMetrics(
          json.integer("epoch"),
          json.number("train_loss"),
          json.number("validation_loss"),
          json.number(SCORES.stream().filter(json::has).findFirst().orElse(VALIDATION + Metric.ACCURACY.key())),
          json.number("learning_rate")));
    }
    return points;
  }

  /** What was found to be wrong in the file's epochs. */
  List<Finding> findings() {
    List<Finding> all = new ArrayList<>();
    for (String line : lines) {
      JsonFile json = JsonFile.parse(file.toString(), line);
      if (json.has(FINDINGS)) {
        json.objects(FINDINGS).forEach(finding -> Finding.Kind.of(finding.text("kind"))
            .ifPresent(kind -> all.add(new Finding(kind, finding.text("message")))));
      }
    }
    return all;
  }

  /** The time of the training steps of the file's epochs, without evaluations. */
  double seconds() {
    return lines.stream().mapToDouble(line -> JsonFile.parse(file.toString(), line).number("seconds"))
        .sum();
  }

  void append(TrainEvent.EpochDone done, List<Finding> findings) {
    TrainState training = done.training();
    ObjectNode json = JsonFile.object();
    json.put("epoch", done.epoch()).put("step", training.step());
    json.put("train_loss", training.meanLoss());
    Metrics validation = done.validation();
    if (validation instanceof Evaluation e) {
      json.put("train_accuracy", training.accuracy()).put("validation_loss", e.loss());
      json.put(VALIDATION + Metric.ACCURACY.key(), e.accuracy());
    } else {
      json.put("validation_loss", validation.loss());
    }
    if (validation.metric() != Metric.ACCURACY) {
      json.put(VALIDATION + validation.metric().key(), validation.score());
    }
    json.put("learning_rate", done.learningRate()).put("best", done.isBest());
    json.put("seconds", rounded(training.seconds())).put("images_per_s", rounded(training.imagesPerSecond()));
    json.put("fingerprint", done.fingerprint());
    if (!findings.isEmpty()) {
      ArrayNode all = json.putArray(FINDINGS);
      findings.forEach(finding -> all.addObject().put("kind", finding.kind().key()).put("message", finding.message()));
    }
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

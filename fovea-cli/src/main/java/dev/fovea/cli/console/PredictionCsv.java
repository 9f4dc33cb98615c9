package dev.fovea.cli.console;

import dev.fovea.format.CsvWriter;
import dev.fovea.model.Prediction;
import dev.fovea.model.Prediction.Score;
import dev.fovea.model.Segmentation;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Predictions as comma-separated values, UTF-8: a line for each image with its path, what was predicted, and in the last column why an
 * image was not. Probabilities, numbers and shares have all digits. Failures to write are {@link UncheckedIOException}s.
 */
public final class PredictionCsv {
  private final Writer out;
  private final CsvWriter csv;

  /** The number of columns between path and error. */
  private final int columns;

  private PredictionCsv(OutputStream out, List<String> header) {
    this.out = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    this.csv = new CsvWriter(this.out);
    this.columns = header.size();
    row("path", header, "error");
  }

  /** For the {@code top} most probable classes: {@code path,label,probability,label_2,probability_2,...,error}. */
  public static PredictionCsv ofClassifier(OutputStream out, int top) {
    List<String> header = new ArrayList<>();
    for (int k = 1; k <= top; k++) {
      header.add(k == 1 ? "label" : "label_" + k);
      header.add(k == 1 ? "probability" : "probability_" + k);
    }
    return new PredictionCsv(out, header);
  }

  /** For the share of each class: {@code path,share of NAME,...,error}. */
  public static PredictionCsv ofSegmentation(OutputStream out, List<String> classes) {
    return new PredictionCsv(out, classes.stream().map(name -> "share of " + name).toList());
  }

  /**
   * For images with several labels: {@code path,labels,probability of NAME,...,error}. The labels are separated by {@code |}, as in
   * the tables that are read.
   */
  public static PredictionCsv ofLabels(OutputStream out, List<String> classes) {
    List<String> header = new ArrayList<>(List.of("labels"));
    classes.forEach(name -> header.add("probability of " + name));
    return new PredictionCsv(out, header);
  }

  /** For numbers: {@code path,NAME,...,error}. */
  public static PredictionCsv ofNumbers(OutputStream out, List<String> names) {
    return new PredictionCsv(out, names.stream().map(CsvWriter::text).toList());
  }

  public void add(Path image, Prediction prediction) {
    List<String> fields = new ArrayList<>();
    prediction.top(columns / 2).forEach(score -> {
      fields.add(CsvWriter.text(score.label()));
      fields.add(String.valueOf(score.probability()));
    });
    row(path(image), fields, "");
  }

  /** Those of the labels that are probable, and all probabilities in the classes' order. */
  public void addLabels(Path image, Prediction prediction) {
    List<String> fields = new ArrayList<>();
    fields.add(CsvWriter.text(prediction.atLeast(Prediction.THRESHOLD).stream().sorted(Comparator.comparingInt(Score::index))
        .map(Score::label).collect(Collectors.joining("|"))));
    prediction.scores().stream().sorted(Comparator.comparingInt(Score::index))
        .forEach(score -> fields.add(String.valueOf(score.probability())));
    row(path(image), fields, "");
  }

  public void add(Path image, Map<String, Double> numbers) {
    row(path(image), numbers.values().stream().map(String::valueOf).toList(), "");
  }

  public void add(Path image, Segmentation segmentation) {
    List<String> fields = new ArrayList<>();
    for (double share : segmentation.shares()) {
      fields.add(String.valueOf(share));
    }
    row(path(image), fields, "");
  }

  public void failed(Path image, String reason) {
    row(path(image), Collections.nCopies(columns, ""), CsvWriter.text(reason));
  }

  /** The path as it was given; one that a spreadsheet would take for a formula begins with {@code ./}, and names the same file. */
  private static String path(Path image) {
    String text = image.toString();
    return CsvWriter.text(text).equals(text) ? text : "./" + text;
  }

  private void row(String path, List<String> fields, String error) {
    List<String> all = new ArrayList<>(fields.size() + 2);
    all.add(path);
    all.addAll(fields);
    all.add(error);
    try {
      csv.row(all);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

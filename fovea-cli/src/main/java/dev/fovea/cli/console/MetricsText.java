package dev.fovea.cli.console;

import dev.fovea.metric.LabelMetrics;
import dev.fovea.metric.NumberMetrics;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Metrics of several labels and of numbers, as text and as JSON. */
public final class MetricsText {
  /** Above this the table of classes is not printed. */
  private static final int MAX_CLASSES = 40;

  private MetricsText() {}

  /**
   * A table of several labels.
   *
   * @param data the name of the data set
   */
  public static String of(LabelMetrics m, String data) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT,
        "mean average precision  %.4f (%d images, %s)%nmacro F1                %.4f%nmicro F1                %.4f%n"
            + "exact match             %.4f (%d images with all labels right)%nloss                    %.4f%n",
        m.meanAveragePrecision(), m.count(), Streams.escaped(data), m.macroF1(), m.microF1(), m.exactMatch(), m.exact(),
        m.loss()));
    if (m.classes().size() > MAX_CLASSES) {
      return text.toString();
    }
    int width = width(m.classes().stream().map(LabelMetrics.OfClass::name).toList());
    text.append(String.format(Locale.ROOT, "%n%-" + width + "s  %9s  %6s  %6s  %17s  %8s%n", "class", "precision", "recall", "F1",
        "average precision", "images"));
    for (LabelMetrics.OfClass c : m.classes()) {
      text.append(String.format(Locale.ROOT, "%-" + width + "s  %9.4f  %6.4f  %6.4f  %17s  %8d%n", Streams.escaped(c.name()),
          c.precision(), c.recall(), c.f1(), c.support() == 0 ? "-" : String.format(Locale.ROOT, "%.4f", c.averagePrecision()),
          c.support()));
    }
    return text.toString();
  }

  /**
   * A table of numbers.
   *
   * @param data the name of the data set
   */
  public static String of(NumberMetrics m, String data) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "R2    %.4f (%d images, %s)%nloss  %.4f%n", m.score(),
        m.count(), Streams.escaped(data), m.loss()));
    int width = width(m.numbers().stream().map(NumberMetrics.OfNumber::name).toList());
    text.append(String.format(Locale.ROOT, "%n%-" + width + "s  %19s  %23s  %8s%n", "number", "mean absolute error",
        "root mean squared error", "R2"));
    for (NumberMetrics.OfNumber n : m.numbers()) {
      text.append(String.format(Locale.ROOT, "%-" + width + "s  %19.6g  %23.6g  %8.4f%n", Streams.escaped(n.name()),
          n.meanAbsoluteError(), n.rootMeanSquaredError(), n.r2()));
    }
    return text.toString();
  }

  private static int width(List<String> names) {
    return Math.max(6, names.stream().mapToInt(name -> Streams.escaped(name).length()).max().orElse(0));
  }

  public static ObjectNode json(LabelMetrics m) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("mean_average_precision", m.meanAveragePrecision());
    node.put("macro_precision", m.macroPrecision()).put("macro_recall", m.macroRecall()).put("macro_f1", m.macroF1());
    node.put("micro_precision", m.microPrecision()).put("micro_recall", m.microRecall()).put("micro_f1", m.microF1());
    node.put("exact_match", m.exactMatch()).put("loss", m.loss()).put("count", m.count());
    ObjectNode classes = node.putObject("classes");
    for (LabelMetrics.OfClass c : m.classes()) {
      ObjectNode of = classes.putObject(c.name()).put("precision", c.precision()).put("recall", c.recall()).put("f1", c.f1());
      if (c.support() == 0) {
        of.putNull("average_precision");
      } else {
        of.put("average_precision", c.averagePrecision());
      }
      of.put("count", c.support());
    }
    return node;
  }

  public static ObjectNode json(NumberMetrics m) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("r2", m.score()).put("loss", m.loss()).put("count", m.count());
    ObjectNode numbers = node.putObject("numbers");
    for (NumberMetrics.OfNumber n : m.numbers()) {
      numbers.putObject(n.name()).put("mean_absolute_error", n.meanAbsoluteError())
          .put("root_mean_squared_error", n.rootMeanSquaredError()).put("r2", n.r2());
    }
    return node;
  }
}

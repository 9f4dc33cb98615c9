package dev.fovea.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.model.Task;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The metrics of several labels and of numbers, against scikit-learn and in corner cases. */
class TaskMetricsTest {
  private static final JsonNode FILE = read();

  /** Sums of sixty terms in double precision. */
  private static final Offset<Double> EXACT = within(1e-12);

  private static JsonNode read() {
    try (InputStream in = Objects.requireNonNull(TaskMetricsTest.class.getResourceAsStream("/parity/metrics.json"))) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double[] doubles(JsonNode array) {
    return array.valueStream().mapToDouble(JsonNode::doubleValue).toArray();
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    IntStream.range(0, values.length).forEach(i -> floats[i] = (float) values[i]);
    return floats;
  }

  private static Metrics metrics(Task task, Task outputs, float[] targets, float[] values) {
    MetricAccumulator accumulator = MetricAccumulator.of(task, outputs, Shape.of(1, task.size()), 1);
    for (int i = 0; i * task.size() < targets.length; i++) {
      accumulator.add(i, targets, i * task.size(), values, i * task.size());
    }
    return accumulator.metrics();
  }

  private static LabelMetrics labels(int classes, float[] targets, float[] logits) {
    Task task = new Task.SeveralLabels(IntStream.range(0, classes).mapToObj(c -> "c" + c).toList());
    return (LabelMetrics) metrics(task, task, targets, logits);
  }

  @Test
  void severalLabelsAreScikitLearns() {
    JsonNode f = FILE.get("labels");
    LabelMetrics m = labels(4, floats(doubles(f.get("truth"))), floats(doubles(f.get("logits"))));
    for (int c = 0; c < 4; c++) {
      LabelMetrics.OfClass of = m.classes().get(c);
      assertThat(of.precision()).isCloseTo(doubles(f.get("precision"))[c], EXACT);
      assertThat(of.recall()).isCloseTo(doubles(f.get("recall"))[c], EXACT);
      assertThat(of.f1()).isCloseTo(doubles(f.get("f1"))[c], EXACT);
      assertThat(of.averagePrecision()).isCloseTo(doubles(f.get("average_precision"))[c], EXACT);
    }
    assertThat(m.score()).isEqualTo(m.meanAveragePrecision()).isCloseTo(f.get("mean_average_precision").doubleValue(), EXACT);
    assertThat(m.macroF1()).isCloseTo(f.get("macro_f1").doubleValue(), EXACT);
    assertThat(m.microF1()).isCloseTo(f.get("micro_f1").doubleValue(), EXACT);
    assertThat(m.microPrecision()).isCloseTo(f.get("micro_precision").doubleValue(), EXACT);
    assertThat(m.microRecall()).isCloseTo(f.get("micro_recall").doubleValue(), EXACT);
    assertThat(m.exactMatch()).isCloseTo(f.get("exact_match").doubleValue(), EXACT);
    assertThat(m.loss()).isCloseTo(f.get("loss").doubleValue(), EXACT);
    assertThat(m.count()).isEqualTo(60);
    assertThat(m.metric()).isEqualTo(Metric.MEAN_AVERAGE_PRECISION);
  }

  @Test
  void aClassThatNoImageHasDoesNotCount() {
    LabelMetrics m = labels(3, new float[] {1, 0, 0, 1, 0, 0}, new float[] {1, -1, 2, 3, -2, -1});
    assertThat(m.classes().get(1).averagePrecision()).isNaN();
    assertThat(m.classes().get(1).occurs()).isFalse();
    assertThat(m.meanAveragePrecision()).isEqualTo(1);
    assertThat(m.macroF1()).as("of the first, 1, and the third, 0").isEqualTo(0.5);
    assertThat(m.exactMatch()).isEqualTo(0.5);
    LabelMetrics none = labels(1, new float[] {0}, new float[] {-1});
    assertThat(none.meanAveragePrecision()).isZero();
    assertThat(none.exactMatch()).isEqualTo(1);
  }

  @Test
  void numbersAreScikitLearnsInTheUsersUnits() {
    JsonNode f = FILE.get("numbers");
    double[] truth = doubles(f.get("truth"));
    double[] predicted = doubles(f.get("predicted"));
    Task.Numbers data = new Task.Numbers(List.of(new Task.Quantity("a", 98, 21), new Task.Quantity("b", -3, 0.5)));
    Task.Numbers network = new Task.Numbers(List.of(new Task.Quantity("a", 50, 10), new Task.Quantity("b", 0, 2)));
    NumberMetrics m = (NumberMetrics) metrics(data, network, standardised(data, truth), standardised(network, predicted));
    for (int k = 0; k < 2; k++) {
      NumberMetrics.OfNumber n = m.numbers().get(k);
      // targets and outputs are rounded to float: 2^-24 of values up to 10 standard deviations of 21
      Offset<Double> rounding = within(10 * 21 * 0x1p-23);
      assertThat(n.meanAbsoluteError()).isCloseTo(doubles(f.get("mean_absolute_error"))[k], rounding);
      assertThat(n.rootMeanSquaredError()).isCloseTo(doubles(f.get("root_mean_squared_error"))[k], rounding);
      assertThat(n.r2()).isCloseTo(doubles(f.get("r2"))[k], within(1e-5));
    }
    assertThat(m.score()).isCloseTo(f.get("mean_r2").doubleValue(), within(1e-5));
    assertThat(m.metric()).isEqualTo(Metric.R2);
    double a = doubles(f.get("root_mean_squared_error"))[0] / 10;
    double b = doubles(f.get("root_mean_squared_error"))[1] / 2;
    assertThat(m.loss()).as("by the network's standard deviations").isCloseTo((a * a + b * b) / 2, within(1e-5));
  }

  private static float[] standardised(Task.Numbers task, double[] values) {
    return floats(
        IntStream.range(0, values.length).mapToDouble(i -> task.quantities().get(i % 2).standardised(values[i])).toArray());
  }

  @Test
  void r2OfAConstantTruth() {
    Task task = new Task.Numbers(List.of(new Task.Quantity("a", 0, 1)));
    assertThat(metrics(task, task, new float[] {3, 3}, new float[] {3, 3}).score()).isEqualTo(1);
    assertThat(metrics(task, task, new float[] {3, 3}, new float[] {3, 4}).score()).isZero();
    assertThat(metrics(task, task, new float[] {1, 2}, new float[] {5, 5}).score()).isNegative();
    assertThat(metrics(task, task, new float[] {1, 2}, new float[] {Float.NaN, 5}).loss()).isNaN();
  }
}

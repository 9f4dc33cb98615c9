package dev.fovea.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Metrics compared with those of scikit-learn and scipy in {@code scores.json}, which {@code scores.py} writes. */
class ParityScoresTest {
  /** Both sides sum at most 600 terms of float64, each with a few roundings. */
  private static final Offset<Double> SAME = within(1e-12);

  /** Scipy's bounded search compares losses, whose rounding hides differences of the temperature below the root of 2^-52. */
  private static final Offset<Double> SEARCHED = within(1e-6);

  private static Stream<DynamicTest> each(BiConsumer<Scores, JsonNode> test) throws IOException {
    try (InputStream in = Objects.requireNonNull(ParityScoresTest.class.getResourceAsStream("/parity/scores.json"))) {
      List<JsonNode> cases = StreamSupport.stream(JsonMapper.shared().readTree(in).get("cases").spliterator(), false).toList();
      assertThat(cases).hasSize(3);
      return cases.stream()
          .map(row -> DynamicTest.dynamicTest(row.get("name").stringValue(), () -> test.accept(scores(row), row)));
    }
  }

  private static Scores scores(JsonNode row) {
    int[] labels = list(row.get("labels")).stream().mapToInt(Double::intValue).toArray();
    List<Double> given = list(row.get("logits"));
    float[] logits = new float[given.size()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = given.get(i).floatValue();
    }
    return Scores.of(IntStream.range(0, row.get("classes").asInt()).mapToObj(c -> "c" + c).toList(), labels, logits);
  }

  private static List<Double> list(JsonNode array) {
    List<Double> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asDouble()));
    return values;
  }

  private static void same(List<Double> actual, JsonNode expected) {
    assertThat(actual).hasSize(expected.size());
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i)).as("%d", i).isCloseTo(expected.get(i).asDouble(), SAME);
    }
  }

  private static List<Double> of(int classes, Function<Integer, Double> value) {
    return IntStream.range(0, classes).boxed().map(value).toList();
  }

  @TestFactory
  Stream<DynamicTest> sharesAndMeans() throws IOException {
    return each((scores, row) -> {
      Evaluation e = scores.evaluation();
      int n = e.classes().size();
      assertThat(e.accuracy()).isCloseTo(row.get("accuracy").asDouble(), SAME);
      assertThat(e.loss()).isCloseTo(row.get("loss").asDouble(), SAME);
      assertThat(e.macroF1()).isCloseTo(row.get("macro_f1").asDouble(), SAME);
      same(of(n, e::precision), row.get("precision"));
      same(of(n, e::recall), row.get("recall"));
      assertThat((double) scores.correct(2) / scores.size()).isCloseTo(row.get("top_2").asDouble(), SAME);
      Interval wilson = Interval.wilson(e.correct(), e.count());
      same(List.of(wilson.low(), wilson.high()), row.get("wilson"));
    });
  }

  @TestFactory
  Stream<DynamicTest> curvesAndAreas() throws IOException {
    return each((scores, row) -> {
      List<OneVsRest> curves = OneVsRest.of(scores);
      same(curves.stream().map(OneVsRest::rocArea).toList(), row.get("roc_area"));
      same(curves.stream().map(OneVsRest::averagePrecision).toList(), row.get("average_precision"));
      List<OneVsRest.Point> roc = curves.getFirst().roc();
      same(roc.stream().map(OneVsRest.Point::x).toList(), row.get("roc_of_class_0").get(0));
      same(roc.stream().map(OneVsRest.Point::y).toList(), row.get("roc_of_class_0").get(1));
      double trapezoids = IntStream.range(1, roc.size())
          .mapToDouble(i -> (roc.get(i).x() - roc.get(i - 1).x()) * (roc.get(i).y() + roc.get(i - 1).y()) / 2).sum();
      assertThat(trapezoids).isCloseTo(curves.getFirst().rocArea(), SAME);

      // scikit-learn's goes from low thresholds to high ones, from the one that finds all on, and has a last point at recall 0
      List<Double> precision = list(row.get("precision_recall_of_class_0").get(0)).reversed();
      List<Double> recall = list(row.get("precision_recall_of_class_0").get(1)).reversed();
      List<OneVsRest.Point> points = curves.getFirst().precisionRecall();
      assertThat(points.getLast().x()).isEqualTo(1);
      for (int i = 0; i < points.size(); i++) {
        assertThat(points.get(i).x()).isCloseTo(recall.get(i + 1), SAME);
        assertThat(points.get(i).y()).isCloseTo(precision.get(i + 1), SAME);
      }
      assertThat(recall.stream().skip(points.size() + 1)).allMatch(r -> r == 1);
    });
  }

  @TestFactory
  Stream<DynamicTest> calibration() throws IOException {
    return each((scores, row) -> {
      assertThat(Calibration.of(scores).ece()).isCloseTo(row.get("ece").asDouble(), SAME);
      double temperature = TemperatureScaling.fit(scores);
      assertThat(temperature).isCloseTo(row.get("temperature").asDouble(), SEARCHED);
      assertThat(scores.temperature(temperature).evaluation().loss()).isCloseTo(row.get("loss_at_temperature").asDouble(), SAME);
    });
  }

  /** The list of all of them says the same. */
  @TestFactory
  Stream<DynamicTest> estimates() throws IOException {
    return each((scores, row) -> {
      List<Estimate> all = Estimate.of(scores, OptionalInt.of(2), OneVsRest.of(scores));
      assertThat(all).extracting(Estimate::key).containsExactly("accuracy", "top_2_accuracy", "macro_f1", "macro_roc_area",
          "macro_average_precision", "loss", "ece");
      List<Double> areas = list(row.get("roc_area"));
      List<Double> precisions = list(row.get("average_precision"));
      assertThat(all.get(0).value()).isCloseTo(row.get("accuracy").asDouble(), SAME);
      assertThat(all.get(1).value()).isCloseTo(row.get("top_2").asDouble(), SAME);
      assertThat(all.get(2).value()).isCloseTo(row.get("macro_f1").asDouble(), SAME);
      assertThat(all.get(3).value()).isCloseTo(areas.stream().mapToDouble(a -> a).average().orElseThrow(), SAME);
      assertThat(all.get(4).value()).isCloseTo(precisions.stream().mapToDouble(a -> a).average().orElseThrow(), SAME);
      assertThat(all.get(5).value()).isCloseTo(row.get("loss").asDouble(), SAME);
      assertThat(all.get(6).value()).isCloseTo(row.get("ece").asDouble(), SAME);
      for (Estimate estimate : all.subList(0, 6)) {
        assertThat(estimate.value()).as(estimate.name()).isBetween(estimate.interval().low(), estimate.interval().high());
      }
      assertThat(Estimate.of(scores, OptionalInt.of(2), OneVsRest.of(scores))).isEqualTo(all);
    });
  }
}

package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every optimizer and schedule of {@code optim.json} and {@code optim-more.json}, compared with PyTorch and timm in float64. An unknown
 * case fails.
 */
class ParityOptimTest {
  private static final int SIZE = 10;

  /** Half an ulp of 1f: the error of one rounding to float of a value near 1. */
  private static final double ROUNDING = 0x1p-24;

  /** The number of roundings between the gradient and the change of a weight, in the longest formula (Adam's), rounded up. */
  private static final int FORMULA = 16;

  private static final List<JsonNode> FILES = List.of(read("optim.json"), read("optim-more.json"));

  private static JsonNode read(String name) {
    try (InputStream in = Objects.requireNonNull(ParityOptimTest.class.getResourceAsStream("/parity/" + name))) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<DynamicTest> each(String kind, Consumer<JsonNode> test) {
    return FILES.stream().flatMap(file -> StreamSupport.stream(file.path(kind).spliterator(), false))
        .map(row -> DynamicTest.dynamicTest(row.get("name").stringValue(), () -> test.accept(row)));
  }

  @Test
  void noCaseIsMissing() {
    assertThat(each("optimizers", _ -> {})).hasSize(17 + 6);
    assertThat(each("schedules", _ -> {})).hasSize(12 + 2);
    assertThat(each("plateaus", _ -> {})).hasSize(2);
  }

  @TestFactory
  Stream<DynamicTest> optimizersStepLikePyTorch() {
    return each("optimizers", ParityOptimTest::stepsMatchPyTorch);
  }

  private static void stepsMatchPyTorch(JsonNode row) {
    Attributes a = new Attributes(row.get("attributes"));
    Optimizer optimizer = optimizer(row.get("optimizer").stringValue(), a);
    double rate = a.number("lr", Double.NaN);
    a.allRead();
    float[] weights = signed("w", 0);
    float[][] slots = new float[optimizer.slots()][SIZE];
    double tolerance = 0;
    double[] before = doubles(weights);
    for (int step = 0; step < row.get("weightsAfterStep").size(); step++) {
      optimizer.step(weights, signed("g", step * SIZE), new Optimizer.Span(0, SIZE), slots, rate, step);
      double[] expected = doubles(row.get("weightsAfterStep").get(step));
      tolerance += tolerance(before, expected, step);
      for (int i = 0; i < SIZE; i++) {
        assertThat((double) weights[i]).as("step %d, weight %d", step, i).isCloseTo(expected[i], within(tolerance));
      }
      before = expected;
    }
  }

  /**
   * The tolerance of a step against float64: a weight is rounded once, its change as often as the formula rounds, and the slots
   * were rounded in each step before.
   */
  private static double tolerance(double[] before, double[] after, int step) {
    double largest = 0;
    double change = 0;
    for (int i = 0; i < SIZE; i++) {
      largest = Math.max(largest, Math.max(Math.abs(before[i]), Math.abs(after[i])));
      change = Math.max(change, Math.abs(after[i] - before[i]));
    }
    return ROUNDING * (largest + (FORMULA + step) * change);
  }

  @TestFactory
  Stream<DynamicTest> schedulesFollowPyTorch() {
    return each("schedules", ParityOptimTest::matchesPyTorch);
  }

  private static void matchesPyTorch(JsonNode row) {
    Attributes a = new Attributes(row.get("attributes"));
    double[] rates = doubles(row.get("lr"));
    Schedule schedule = schedule(row.get("schedule").stringValue(), row.get("baseLr").doubleValue(), a);
    a.allRead();
    for (int step = 0; step < rates.length; step++) {
      assertThat(schedule.at(step, rates.length)).as("step %d", step).isCloseTo(rates[step], within(1e-12));
    }
  }

  @TestFactory
  Stream<DynamicTest> plateausFollowPyTorch() {
    return each("plateaus", row -> {
      Attributes a = new Attributes(row.get("attributes"));
      double rate = row.get("baseLr").doubleValue();
      Plateau plateau = new Plateau(a.number("factor", 0.1), (int) a.integer("patience"), a.number("threshold", 1e-4),
          (int) a.integer("cooldown"), a.number("min_lr", 0) / rate);
      a.allRead();
      double[] losses = doubles(row.get("losses"));
      double[] expected = doubles(row.get("lr"));
      Plateau.State state = Plateau.State.START;
      for (int epoch = 0; epoch < losses.length; epoch++) {
        assertThat(rate * state.scale()).as("epoch %d", epoch).isCloseTo(expected[epoch], within(1e-12));
        state = plateau.after(state, losses[epoch]);
      }
    });
  }

  private static Optimizer optimizer(String kind, Attributes a) {
    double decay = a.number("weight_decay", 0);
    return switch (kind) {
      case "SGD" -> new Sgd(a.number("momentum", 0), a.number("dampening", 0), a.flag("nesterov"), decay);
      case "Adam" -> new Adam(
          a.number("betas", 0, 0.9), a.number("betas", 1, 0.999), a.number("eps", 1e-8), decay, a.flag("amsgrad"));
      case "AdamW" -> new AdamW(a.number("betas", 0, 0.9), a.number("betas", 1, 0.999), a.number("eps", 1e-8), decay);
      case "RMSprop" -> new RmsProp(
          a.number("alpha", 0.99), a.number("eps", 1e-8), a.number("momentum", 0), a.flag("centered"), decay);
      case "Adagrad" -> new Adagrad(a.number("lr_decay", 0), a.number("eps", 1e-10), decay);
      case "Lars" -> new Lars(a.number("momentum", 0), a.number("trust_coeff", 0.001), 1e-8, decay);
      case "Lion" -> new Lion(a.number("betas", 0, 0.9), a.number("betas", 1, 0.99), decay);
      case "AdaBelief" -> {
        assertThat(a.flag("rectify")).isFalse();
        yield new AdaBelief(a.number("betas", 0, 0.9), a.number("betas", 1, 0.999), a.number("eps", 1e-16), decay);
      }
      default -> throw new AssertionError("no optimizer for " + kind);
    };
  }

  private static Schedule schedule(String kind, double rate, Attributes a) {
    return switch (kind) {
      case "ConstantLR" -> Schedule.constant(rate * a.number("factor", 1));
      case "StepLR" -> Schedule.step(rate, a.number("gamma", 0.1), a.integer("step_size"));
      case "MultiStepLR" -> Schedule.multistep(rate, a.number("gamma", 0.1), a.integers("milestones"));
      case "ExponentialLR" -> Schedule.exponential(rate, a.number("gamma", Double.NaN));
      case "CosineAnnealingLR" -> Schedule.cosine(rate, a.number("eta_min", 0)).over(a.integer("T_max"));
      case "CosineAnnealingWarmRestarts" ->
          Schedule.warmRestarts(rate, a.number("eta_min", 0), a.integer("T_0"), (int) a.integer("T_mult"));
      case "PolynomialLR" -> Schedule.polynomial(rate, a.number("power", 1)).over(a.integer("total_iters"));
      case "one_cycle" -> new Schedule.OneCycle(
          a.number("max_lr", Double.NaN), a.number("pct_start", 0.3), a.number("div_factor", 25),
          a.number("final_div_factor", 1e4), a.is("anneal_strategy", "linear")).over(a.integer("total_steps"));
      case "LinearLR" -> Schedule.constant(rate * a.number("end_factor", 1))
          .warmup(a.integer("total_iters"), a.number("start_factor", 1) / a.number("end_factor", 1));
      case "warmup_cosine" -> Schedule.cosine(rate, a.number("eta_min", 0))
          .over(a.integer("T_max"))
          .warmup(a.integer("warmup"), a.number("start_factor", 1));
      default -> throw new AssertionError("no schedule for " + kind);
    };
  }

  /** A case's attributes by PyTorch's names. An attribute that is not read means that the case is not fully tested. */
  private static final class Attributes {
    private final JsonNode node;
    private final Set<String> read = new HashSet<>();

    Attributes(JsonNode node) {
      this.node = node;
    }

    private JsonNode of(String name) {
      read.add(name);
      return node.path(name);
    }

    double number(String name, double otherwise) {
      return of(name).isMissingNode() ? otherwise : of(name).doubleValue();
    }

    double number(String name, int index, double otherwise) {
      return of(name).isMissingNode() ? otherwise : of(name).get(index).doubleValue();
    }

    long integer(String name) {
      return of(name).longValue();
    }

    long[] integers(String name) {
      return StreamSupport.stream(of(name).spliterator(), false).mapToLong(JsonNode::longValue).toArray();
    }

    boolean flag(String name) {
      return !of(name).isMissingNode() && of(name).booleanValue();
    }

    boolean is(String name, String value) {
      return !of(name).isMissingNode() && of(name).stringValue().equals(value);
    }

    void allRead() {
      assertThat(List.copyOf(node.propertyNames())).isSubsetOf(read);
    }
  }

  private static double[] doubles(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToDouble(JsonNode::doubleValue).toArray();
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** The fixtures' value rule, kind signed: {@code 2u - 1}, u from the top 24 bits of SplitMix64 after FNV-1a. */
  static float[] signed(String name, int first) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001B3L;
    }
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      long z = hash + (first + i + 1L) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      values[i] = 2 * (((z ^ (z >>> 31)) >>> 40) * 0x1p-24f) - 1;
    }
    return values;
  }
}

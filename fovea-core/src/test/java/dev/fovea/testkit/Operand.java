package dev.fovea.testkit;

import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** An operand of an operator's case: its shape and the kind of its values. */
public record Operand(Shape shape, Kind kind) {

  private static final double[] EDGES = {-0.0, 0, Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, -1, 0.5, 6};

  /** The distribution of an operand's values. */
  public enum Kind {
    /** Uniform in [-1, 1). */
    SIGNED,
    /** Uniform in [-8, 8). */
    WIDE,
    /** Uniform in [-512, 512): sigmoids and softmaxes saturate. */
    HUGE,
    /** Uniform in [0, 1): targets, probabilities. */
    UNIT,
    /** Uniform in [0.5, 1.5): roots and reciprocals. */
    POSITIVE,
    /** Uniform in (-8, 0]: logarithms of probabilities. */
    NEGATIVE,
    /** In [0, 1), and half of them 0: the outputs of a ReLU. */
    RECTIFIED,
    /** In (-1, 1), spaced by at least 2 / size and half that from 0, so that a small step crosses no kink. */
    SPACED,
    /** One of -1, -0.5, 0, 0.5, 1, so that windows have equal maxima and a ReLU is evaluated at 0. */
    TIED,
    /** One of -0, 0, NaN, the infinities, -1, 0.5, 6. */
    EDGES,
    /** Class indices for the case's first operand. */
    LABELS
  }

  public static Operand of(int... dims) {
    return new Operand(Shape.of(dims), Kind.SIGNED);
  }

  public Operand kind(Kind kind) {
    return new Operand(shape, kind);
  }

  /** The values of the operand of that name; all are float32 values. */
  double[] values(String name, int classes) {
    return switch (kind) {
      case SIGNED -> ParityRule.values("signed", name, shape);
      case WIDE -> ParityRule.values("wide", name, shape);
      case HUGE -> ParityRule.values("huge", name, shape);
      case UNIT -> ParityRule.values("unit", name, shape);
      case LABELS -> ParityRule.values("labels " + classes, name, shape);
      case POSITIVE -> Arrays.stream(ParityRule.values("unit", name, shape)).map(u -> (float) (u + 0.5)).toArray();
      case NEGATIVE -> Arrays.stream(ParityRule.values("unit", name, shape)).map(u -> -8 * u).toArray();
      case RECTIFIED -> Arrays.stream(ParityRule.values("signed", name, shape)).map(u -> Math.max(0, u)).toArray();
      case TIED -> Arrays.stream(ParityRule.values("unit", name, shape)).map(u -> Math.floor(5 * u) / 2 - 1).toArray();
      case EDGES -> Arrays.stream(ParityRule.values("unit", name, shape)).map(u -> EDGES[(int) (EDGES.length * u)]).toArray();
      case SPACED -> spaced(ParityRule.values("unit", name, shape));
    };
  }

  /** Replaces each value by its rank, evenly spaced; zero is between two of them. */
  private static double[] spaced(double[] random) {
    int[] order =
        IntStream.range(0, random.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> random[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] values = new double[random.length];
    for (int rank = 0; rank < order.length; rank++) {
      values[order[rank]] = (float) ((2 * rank + (order.length % 2 == 0 ? 1 : 1.5)) / order.length - 1);
    }
    return values;
  }
}

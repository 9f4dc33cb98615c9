package dev.fovea.testkit;

import dev.fovea.graph.Graph;
import dev.fovea.testkit.Operand.Kind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Gradients against central differences of fourth order, in double, of the sum of a case's result weighted by its upstream
 * gradient: by single elements (all, or a spread of them where a run is costly) and once along a direction that moves every
 * element.
 */
public final class FiniteDifferences {
  /** Multiply-adds to spend on the single elements of one operand. */
  private static final long BUDGET = 500_000;

  private final Graph graph;
  private final Map<String, double[]> values;
  private final double step;

  private FiniteDifferences(OpCase c) {
    graph = c.graph();
    values = new LinkedHashMap<>(c.values());
    // between kinks the result is linear, so any step works that crosses none
    int largest = c.operands().stream().filter(o -> o.kind() == Kind.SPACED).mapToInt(o -> o.shape().size()).max().orElse(0);
    boolean huge = c.operands().stream().anyMatch(o -> o.kind() == Kind.HUGE);
    step = largest > 0 ? Math.min(1e-3, 0.1 / largest) : huge ? 1e-2 : 1e-3;
  }

  /** The largest difference between a derivative and the gradient, relative to the operand's largest gradient. */
  public static double worst(OpCase c) {
    FiniteDifferences differences = new FiniteDifferences(c);
    Map<String, double[]> gradients = Engine.REFERENCE.run(c.gradients(), c.values());
    double worst = 0;
    for (int i = c.firstDifferentiable(); i < c.differentiableOperands(); i++) {
      double[] gradient = gradients.get(OpCase.gradientOfInput(i));
      if (gradient == null || gradient.length != c.operands().get(i).shape().size()) {
        throw new AssertionError(c + ": the gradient of operand " + i + " has another size than the operand");
      }
      worst = Math.max(worst, differences.worst(OpCase.operand(i), gradient, elements(c, gradient.length)));
    }
    return worst;
  }

  private static int[] elements(OpCase c, int size) {
    int count = Math.clamp(BUDGET / (4 * Math.max(50, c.multiplyAdds())), 4, Math.max(4, size));
    return count >= size
        ? IntStream.range(0, size).toArray()
        : IntStream.concat(IntStream.of(0, size - 1), IntStream.range(2, count).map(k -> ParityRule.samplePosition(k, size)))
            .toArray();
  }

  private double worst(String operand, double[] gradient, int[] elements) {
    double largest = Math.max(1e-5, Arrays.stream(gradient).map(Math::abs).max().orElse(0));
    double[] direction = new double[gradient.length];
    double worst = 0;
    for (int element : elements) {
      Arrays.fill(direction, 0);
      direction[element] = 1;
      worst = larger(worst, Math.abs(derivative(operand, direction) - gradient[element]) / largest);
    }
    Arrays.setAll(direction, i -> 2 * ParityRule.u("direction", i) - 1);
    double along = IntStream.range(0, gradient.length).mapToDouble(i -> gradient[i] * direction[i]).sum();
    // a constant rounded to float gives all elements the same relative error, and so the sum
    return larger(worst, Math.abs(derivative(operand, direction) - along) / Math.max(largest, Math.abs(along)));
  }

  /** The larger one, and infinity if one is NaN. */
  private static double larger(double a, double b) {
    return Double.isNaN(b) ? Double.POSITIVE_INFINITY : Math.max(a, b);
  }

  private double derivative(String operand, double[] direction) {
    double near = sum(operand, direction, step) - sum(operand, direction, -step);
    double far = sum(operand, direction, 2 * step) - sum(operand, direction, -2 * step);
    return (8 * near - far) / (12 * step);
  }

  private double sum(String operand, double[] direction, double by) {
    double[] at = values(operand);
    double[] moved = new double[at.length];
    Arrays.setAll(moved, i -> at[i] + by * direction[i]);
    Map<String, double[]> bound = new LinkedHashMap<>(values);
    bound.put(operand, moved);
    double[] weights = values(OpCase.UPSTREAM);
    double[] result = Engine.REFERENCE.run(graph, bound).getOrDefault(OpCase.RESULT, new double[0]);
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i] * result[i];
    }
    return sum;
  }

  private double[] values(String name) {
    return values.getOrDefault(name, new double[0]);
  }
}

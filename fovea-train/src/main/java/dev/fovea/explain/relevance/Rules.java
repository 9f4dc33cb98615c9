package dev.fovea.explain.relevance;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The rules of layer-wise relevance propagation for a layer that is linear in its input x: how the relevance R of its outputs is shared
 * by its inputs. Montavon et al. 2019 (Layer-wise relevance propagation: an overview), section 10.2. Each is computed in the four steps of
 * section 10.3.2: forward with other weights, divide, backward, multiply.
 */
final class Rules {
  private Rules() {}

  /** {@code x w / (z + epsilon sign z)}, equation 10.2's second: Bach et al. 2015, equation 58. For any linear operator. */
  static List<@Nullable Value> epsilon(Gradients.Step step, double epsilon) {
    return multiplied(step, step.node().inputs(), quotient(step, step.y(), epsilon));
  }

  /**
   * Weights and bias are {@code gamma} times larger where they contribute with the output's sign: for inputs that are not negative and
   * positive outputs that is the rule of Montavon et al., {@code w + gamma w+}. Andéol et al. 2023 (Learning domain invariant
   * representations by joint Wasserstein distance minimization) extend it to both signs, so that no sum is smaller than the output
   * itself, and shares stay bounded.
   */
  static List<@Nullable Value> gamma(Gradients.Step step, double gamma, double epsilon) {
    GraphBuilder g = step.g();
    Value isNegative = g.op(new Op.Less(), step.y(), g.number(0));
    Value zero = g.number(0);
    Value toPositive = g.op(new Op.Where(), isNegative, zero, step.dy());
    Value toNegative = g.op(new Op.Where(), isNegative, step.dy(), zero);
    return onlyFirst(g.add(gamma(step, toPositive, gamma, epsilon, true), gamma(step, toNegative, gamma, epsilon, false)), step);
  }

  /** The relevance of outputs of one sign. */
  private static Value gamma(Gradients.Step step, Value relevance, double gamma, double epsilon, boolean positive) {
    GraphBuilder g = step.g();
    UnaryOperator<Value> favoured = parameter -> positive ? positivePart(g, parameter) : negativePart(g, parameter);
    UnaryOperator<Value> opposed = parameter -> positive ? negativePart(g, parameter) : positivePart(g, parameter);
    List<Value> above = with(step, positivePart(g, step.in(0)), favoured, gamma, true);
    List<Value> below = with(step, negativePart(g, step.in(0)), opposed, gamma, false);
    Value z = g.add(g.op(step.node().op(), above), g.op(step.node().op(), below));
    Value s = quotient(g, relevance, z, epsilon);
    return g.add(relevance(step, above, s), relevance(step, below, s));
  }

  /** The layer's operands with another input, and parameters of which a part counts more. */
  private static List<Value> with(Gradients.Step step, Value x, UnaryOperator<Value> part, double gamma, boolean bias) {
    GraphBuilder g = step.g();
    List<Value> operands = new ArrayList<>(List.of(x));
    parameters(step).stream().limit(bias ? 2 : 1)
        .forEach(parameter -> operands.add(g.add(parameter, g.mul(part.apply(parameter), g.number(gamma)))));
    return operands;
  }

  /** Only contributions {@code x w} that are positive: z+, which is the rule of alpha 1 and beta 0. */
  static List<@Nullable Value> positive(Gradients.Step step, double epsilon) {
    GraphBuilder g = step.g();
    Value x = step.in(0);
    List<Value> positive = new ArrayList<>(List.of(positivePart(g, x)));
    parameters(step).forEach(parameter -> positive.add(positivePart(g, parameter)));
    List<Value> negative = List.of(negativePart(g, x), negativePart(g, step.in(1)));
    Value z = g.add(g.op(step.node().op(), positive), g.op(step.node().op(), negative));
    Value s = quotient(step, z, epsilon);
    return onlyFirst(g.add(relevance(step, positive, s), relevance(step, negative, s)), step);
  }

  /**
   * For the layer that reads the image, whose values are between {@code low} and {@code high}: {@code (x w - low w+ - high w-)} over
   * its sum, table 10.1.
   */
  static List<@Nullable Value> box(Gradients.Step step, Value low, Value high, double epsilon) {
    GraphBuilder g = step.g();
    Value w = step.in(1);
    List<Value> all = List.of(step.in(0), w);
    List<Value> lowest = List.of(low, positivePart(g, w));
    List<Value> highest = List.of(high, negativePart(g, w));
    Op op = step.node().op();
    Value z = minus(g, minus(g, g.op(op, all), g.op(op, lowest)), g.op(op, highest));
    Value s = quotient(step, z, epsilon);
    return onlyFirst(
        minus(g, minus(g, relevance(step, all, s), relevance(step, lowest, s)), relevance(step, highest, s)), step);
  }

  /** Weight and bias. */
  private static List<Value> parameters(Gradients.Step step) {
    return step.node().inputs().subList(1, step.node().inputs().size());
  }

  /** Relevance over z, away from a division by zero. */
  private static Value quotient(Gradients.Step step, Value z, double epsilon) {
    return quotient(step.g(), step.dy(), z, epsilon);
  }

  private static Value quotient(GraphBuilder g, Value relevance, Value z, double epsilon) {
    Value negative = g.op(new Op.Less(), z, g.number(0));
    Value stabiliser = g.op(new Op.Where(), negative, g.number(-epsilon), g.number(epsilon));
    return g.op(new Op.Div(), relevance, g.add(z, stabiliser));
  }

  /** For each operand that the score's inputs reach: itself times what the quotient brings to it. */
  private static List<@Nullable Value> multiplied(Gradients.Step step, List<Value> operands, Value quotient) {
    List<@Nullable Value> back = step.derivative(operands, quotient);
    List<@Nullable Value> relevance = new ArrayList<>();
    for (int k = 0; k < step.node().inputs().size(); k++) {
      Value gradient = k < back.size() ? back.get(k) : null;
      relevance.add(gradient == null || !step.needs(k) ? null : step.g().mul(operands.get(k), gradient));
    }
    return relevance;
  }

  private static Value relevance(Gradients.Step step, List<Value> operands, Value quotient) {
    Value gradient = Objects.requireNonNull(step.derivative(operands, quotient).getFirst());
    return step.g().mul(operands.getFirst(), gradient);
  }

  private static List<@Nullable Value> onlyFirst(Value relevance, Gradients.Step step) {
    List<@Nullable Value> all = new ArrayList<>(List.of(relevance));
    while (all.size() < step.node().inputs().size()) {
      all.add(null);
    }
    return all;
  }

  private static Value positivePart(GraphBuilder g, Value x) {
    return g.op(new Op.Relu(), x);
  }

  private static Value negativePart(GraphBuilder g, Value x) {
    return g.mul(g.op(new Op.Relu(), g.mul(x, g.number(-1))), g.number(-1));
  }

  private static Value minus(GraphBuilder g, Value a, Value b) {
    return g.add(a, g.mul(b, g.number(-1)));
  }
}

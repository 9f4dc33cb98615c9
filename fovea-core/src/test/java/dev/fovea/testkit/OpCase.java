package dev.fovea.testkit;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One operator at one size, for tests of values and gradients and for benchmarks. The operands are named {@code x0}, {@code x1},
 * ...; the result is the output {@link #RESULT}; its upstream gradient in a gradient graph is the input {@link #UPSTREAM}, also
 * for a loss.
 */
public record OpCase(Op op, List<Operand> operands) {
  public static final String RESULT = "y";
  public static final String UPSTREAM = "grad";

  public OpCase {
    operands = List.copyOf(operands);
  }

  public static OpCase of(Op op, Operand... operands) {
    return new OpCase(op, List.of(operands));
  }

  /** A unique and complete description of the case: {@code Relu[] on 2x3 SPACED}. */
  public String name() {
    return op + " on "
        + operands.stream()
            .map(o -> o.shape() + (o.kind() == Operand.Kind.SIGNED ? "" : " " + o.kind()))
            .collect(Collectors.joining(", "));
  }

  /** The name of operand {@code index}. */
  public static String operand(int index) {
    return "x" + index;
  }

  /** The output of {@link #gradients()} that holds the gradient of operand {@code index}. */
  public static String gradientOfInput(int index) {
    return "dx" + index;
  }

  /** The values of operand {@code index}. */
  public double[] values(int index) {
    return operands.get(index).values(operand(index), classes());
  }

  /** The number of classes that labels belong to; of an operator that gathers by index, the number of indices. */
  private int classes() {
    Shape first = operands.getFirst().shape();
    return switch (op) {
      case Op.GatherElements(int axis) -> first.dim(axis);
      case Op.GatherElementsGrad(_, int size) -> size;
      default -> first.rank() > 1 ? first.dim(1) : 1;
    };
  }

  /** The values of all operands and of the upstream gradient, by name. */
  public Map<String, double[]> values() {
    Map<String, double[]> all = new LinkedHashMap<>();
    for (int i = 0; i < operands.size(); i++) {
      all.put(operand(i), values(i));
    }
    all.put(UPSTREAM, ParityRule.values("signed", UPSTREAM, resultShape()));
    return all;
  }

  public Shape resultShape() {
    return graph().outputShape(RESULT);
  }

  /** Only the operator, with every operand an input. */
  public Graph graph() {
    return graph(false, false);
  }

  /** Only the operator, with every operand after the first a parameter, as weights are. */
  public Graph graphWithParameters() {
    return graph(true, false);
  }

  /** The operator and the gradients of its operands, every operand an input. Outputs: see {@link #gradientOfInput}. */
  public Graph gradients() {
    return graph(false, true);
  }

  /**
   * The operator and its gradients, every operand after the first a parameter. Outputs: see {@link #gradientOfInput} for the
   * first, {@link Gradients#outputOf} for the others.
   */
  public Graph gradientsWithParameters() {
    return graph(true, true);
  }

  /** Whether the operator is one whose second operand may be a network's weight. */
  public boolean mayHaveParameters() {
    return operands.size() > 1
        && (op instanceof Op.Conv || op instanceof Op.ConvTranspose || op instanceof Op.Gemm || op instanceof Op.Add
            || op instanceof Op.Mul || op instanceof Op.MatMul);
  }

  /** Whether it has gradients: adjoints, random draws, indices and steps have none. */
  public boolean hasGradients() {
    return switch (op) {
      case Op.ExponentialRace _, Op.OneHot _, Op.TopK _, Op.Less _, Op.Floor _, Op.Round _ -> false;
      default -> op instanceof Op.Forward;
    };
  }

  /** The first operand that has a gradient: the key of a pick and a condition have none. */
  public int firstDifferentiable() {
    return op instanceof Op.MaxUnpool || op instanceof Op.MaxPick || op instanceof Op.Where ? 1 : 0;
  }

  /** Whether finite differences can check the gradients: not at a kink. */
  public boolean differentiable() {
    return hasGradients() && operands.stream().noneMatch(o -> o.kind() == Operand.Kind.TIED);
  }

  /** The number of operands that have a gradient: labels and targets of a loss do not. */
  public int differentiableOperands() {
    return switch (op) {
      case Op.SoftmaxCrossEntropyLoss _, Op.SigmoidCrossEntropyLoss _, Op.Crop _, Op.Resize _, Op.GatherElements _ -> 1;
      case Op.BatchNormalization _ -> 3;
      default -> operands.size();
    };
  }

  /** Multiply-adds of one run, or elements read if the operator has no multiplications. */
  public long multiplyAdds() {
    return multiplyAdds(op, operands.stream().map(Operand::shape).toList(), resultShape());
  }

  static long multiplyAdds(Op op, List<Shape> in, Shape result) {
    return switch (op) {
      case Op.Conv _ -> (long) result.size() * in.get(1).sizeFrom(1);
      case Op.ConvTranspose _ -> (long) in.getFirst().size() * in.get(1).sizeFrom(1);
      case Op.ConvWeightGrad _ -> (long) in.get(1).size() * result.sizeFrom(1);
      case Op.Gemm _ -> (long) in.getFirst().size() * result.dim(1);
      case Op.MatMul _ -> (long) result.size() * in.getFirst().dim(in.getFirst().rank() - 1);
      case Op.LocalConv _ -> (long) result.size() * in.get(1).sizeFrom(3);
      case Op.LocalConvInputGrad _ -> (long) in.getFirst().size() * in.get(1).sizeFrom(3);
      case Op.LocalConvWeightGrad _ -> (long) in.get(1).size() * result.sizeFrom(3);
      case Op.MaxPool(var w) -> (long) result.size() * w.kernelH() * w.kernelW();
      case Op.AveragePool(var w, _) -> (long) result.size() * w.kernelH() * w.kernelW();
      case Op.MaxUnpool(var w) -> (long) in.get(1).size() * w.kernelH() * w.kernelW();
      case Op.AveragePoolGrad(var w, _, _, _) -> (long) in.getFirst().size() * w.kernelH() * w.kernelW();
      default -> Math.max(result.size(), in.isEmpty() ? 0 : in.getFirst().size());
    };
  }

  private Graph graph(boolean parameters, boolean gradients) {
    GraphBuilder g = new GraphBuilder();
    List<Value> in = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      Shape shape = operands.get(i).shape();
      in.add(parameters && i > 0 ? g.param(operand(i), shape, new Init.Constant(0)) : g.input(operand(i), shape));
    }
    Value y = g.op(op, in);
    g.output(RESULT, y);
    if (gradients) {
      Value weighted = g.op(new Op.Mul(), y, g.input(UPSTREAM, g.shape(y)));
      Map<Value, Value> all = Gradients.of(g, weighted, in.subList(firstDifferentiable(), differentiableOperands()));
      for (int i = firstDifferentiable(); i < differentiableOperands(); i++) {
        Value gradient = all.get(in.get(i));
        if (gradient == null) {
          throw new AssertionError(name() + " has no gradient for operand " + i);
        }
        g.output(parameters && i > 0 ? Gradients.outputOf(operand(i)) : gradientOfInput(i), gradient);
      }
    }
    return g.build();
  }

  @Override
  public String toString() {
    return name();
  }
}

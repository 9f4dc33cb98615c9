package dev.fovea.testkit;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Operand.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The adjoint operators at exactly the sizes at which {@code Gradients} appends them for the forward cases. */
final class AdjointCases {
  private AdjointCases() {}

  static List<OpCase> of(List<OpCase> forward) {
    Set<OpCase> cases = new LinkedHashSet<>();
    for (OpCase c : forward) {
      if (c.hasGradients()) {
        Graph graph = c.gradients();
        for (Node node : graph.nodes()) {
          if (node.op() instanceof Op.Adjoint op) {
            List<Shape> shapes = node.inputs().stream().map(v -> graph.at(v).shape()).toList();
            cases.add(new OpCase(op, operands(op, shapes, c.operands().getFirst().kind())));
          }
        }
      }
    }
    return List.copyOf(cases);
  }

  /** The operands of an adjoint; inputs of the forward operator keep their kind. */
  private static List<Operand> operands(Op.Adjoint op, List<Shape> shapes, Kind input) {
    List<Kind> kinds =
        switch (op) {
          case Op.ConvWeightGrad _, Op.AveragePoolGrad _, Op.SumTo _, Op.ChannelSum _ -> List.of();
          case Op.AdaptiveAveragePoolGrad _, Op.ResizeGrad _, Op.LocalConvInputGrad _, Op.LocalConvWeightGrad _ -> List.of();
          case Op.AdaptiveMaxPoolGrad _, Op.MaxoutGrad _, Op.ClipGrad _, Op.RowNormalizationGrad _, Op.LrnGrad _ -> List.of(input);
          case Op.GatherGrad _ -> List.of();
          case Op.GatherElementsGrad _ -> List.of(Kind.LABELS);
          case Op.BatchMean _, Op.BatchVariance _ -> List.of(input);
          case Op.BatchNormalizationScaleGrad _ -> List.of(input, Kind.SIGNED, Kind.SIGNED, Kind.UNIT);
          case Op.BatchNormalizationGrad _ -> List.of(Kind.SIGNED, Kind.SIGNED, Kind.UNIT, input);
          case Op.EluGrad _ -> List.of(Kind.SIGNED);
          case Op.ReluGrad _ -> List.of(Kind.RECTIFIED);
          case Op.LeakyReluGrad _, Op.TanhGrad _ -> List.of(Kind.SIGNED);
          case Op.SigmoidGrad _, Op.SoftmaxGrad _ -> List.of(Kind.UNIT);
          case Op.LogSoftmaxGrad _ -> List.of(Kind.NEGATIVE);
          case Op.SoftmaxCrossEntropyGrad _ -> List.of(input, Kind.LABELS);
          case Op.SigmoidCrossEntropyGrad _ -> List.of(input, Kind.UNIT);
        };
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      operands.add(new Operand(shapes.get(i), i < kinds.size() ? kinds.get(i) : Kind.SIGNED));
    }
    return operands;
  }
}

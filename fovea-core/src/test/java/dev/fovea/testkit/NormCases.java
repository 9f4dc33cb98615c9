package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.graph.Shapes;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Operand.Kind;
import java.util.ArrayList;
import java.util.List;

/** Normalisations, the further activations and the forms of cross-entropy. */
final class NormCases {
  private static final int[][] SHAPES = {
      {2, 3}, {3, 4, 7}, {2, 3, 4, 5}, {17, 2, 3, 3}, {1, 17, 5, 2}, {3, 32, 2, 2}, {33, 5, 1, 1}, {2, 1, 3, 5}, {2, 33, 1, 3}
  };

  private NormCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(batchNorm());
    cases.addAll(rowNorm());
    cases.addAll(responseNorm());
    cases.addAll(activations());
    cases.addAll(dropout());
    cases.addAll(losses());
    return cases;
  }

  private static List<OpCase> batchNorm() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : SHAPES) {
      Operand c = Operand.of(dims[1]);
      for (Kind kind : List.of(Kind.SIGNED, Kind.WIDE)) {
        Operand x = Operand.of(dims).kind(kind);
        cases.add(OpCase.of(new Op.BatchNormalization(1e-5f, 0.1f), x, c, c, c, c.kind(Kind.UNIT)));
      }
    }
    return cases;
  }

  /** The operators by which {@code Rewrite.training} replaces running statistics, and the gradient through them. */
  static List<OpCase> ofTraining() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : SHAPES) {
      Operand c = Operand.of(dims[1]);
      for (Kind kind : List.of(Kind.SIGNED, Kind.WIDE)) {
        Operand x = Operand.of(dims).kind(kind);
        cases.add(OpCase.of(new Op.BatchMean(), x));
        cases.add(OpCase.of(new Op.BatchVariance(), x, c));
        Op gradient = new Op.BatchNormalizationGrad(1e-3f);
        cases.add(OpCase.of(gradient, Operand.of(dims), c, c.kind(Kind.UNIT), x, c, c, c));
      }
    }
    return cases;
  }

  private static List<OpCase> rowNorm() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : SHAPES) {
      Shape shape = Shape.of(dims);
      for (int axis = 1; axis < dims.length; axis++) {
        if (shape.sizeFrom(axis) > 1) {
          cases.add(OpCase.of(new Op.RowNormalization(axis, 1, shape.sizeFrom(axis) < 8 ? 0.1f : 1e-5f), Operand.of(dims)));
        }
      }
    }
    cases.add(OpCase.of(new Op.RowNormalization(1, 2, 1e-5f), Operand.of(2, 6, 3, 2)));
    cases.add(OpCase.of(new Op.RowNormalization(1, 16, 1e-3f), Operand.of(3, 32, 2, 2).kind(Kind.WIDE)));
    return cases;
  }

  private static List<OpCase> responseNorm() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : SHAPES) {
      cases.add(OpCase.of(new Op.Lrn(5, 1, 0.75f, 2), Operand.of(dims)));
      cases.add(OpCase.of(new Op.Lrn(4, 1e-4f, 0.75f, 1), Operand.of(dims).kind(Kind.WIDE)));
      cases.add(OpCase.of(new Op.Lrn(3, 0.5f, 0.6f, 1), Operand.of(dims)));
    }
    return cases;
  }

  private static List<OpCase> activations() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : SHAPES) {
      cases.add(OpCase.of(new Op.Clip(0, 6), Operand.of(dims).kind(Kind.SPACED)));
      cases.add(OpCase.of(new Op.Clip(-0.6f, 0.7f), Operand.of(dims).kind(Kind.TIED)));
      cases.add(OpCase.of(new Op.Elu(1), Operand.of(dims).kind(Kind.SPACED)));
      cases.add(OpCase.of(new Op.Elu(0.5f), Operand.of(dims).kind(Kind.TIED)));
      for (Kind kind : List.of(Kind.SIGNED, Kind.WIDE)) {
        cases.add(OpCase.of(new Op.Softplus(), Operand.of(dims).kind(kind)));
        cases.add(OpCase.of(new Op.Erf(), Operand.of(dims).kind(kind)));
        cases.add(OpCase.of(new Op.Exp(), Operand.of(dims).kind(kind)));
      }
      cases.add(OpCase.of(new Op.Pow(2), Operand.of(dims)));
      cases.add(OpCase.of(new Op.Pow(3), Operand.of(dims)));
      for (float exponent : new float[] {-1, -0.75f, -0.5f, 0.5f, 1, 1.7f}) {
        cases.add(OpCase.of(new Op.Pow(exponent), Operand.of(dims).kind(Kind.POSITIVE)));
      }
    }
    return cases;
  }

  private static List<OpCase> dropout() {
    List<OpCase> cases = new ArrayList<>();
    for (Op.Unit unit : List.of(Op.Unit.CHANNEL, Op.Unit.IMAGE)) {
      for (int[] dims : SHAPES) {
        cases.add(OpCase.of(new Op.Dropout("block.drop", 0.4f, unit), Operand.of(dims)));
      }
    }
    return cases;
  }

  private static List<OpCase> losses() {
    int[][] shapes = {{6, 5}, {33, 10}, {2, 4, 3, 5}, {1, 17, 2, 9}, {17, 3, 1, 1}, {3, 33}};
    Op.SoftmaxCrossEntropyLoss[] losses = {
        new Op.SoftmaxCrossEntropyLoss(0.1f, -1), new Op.SoftmaxCrossEntropyLoss(0, 1), new Op.SoftmaxCrossEntropyLoss(0.3f, 2)
    };
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : shapes) {
      Operand labels = new Operand(Shapes.labelsOf(Shape.of(dims)), Kind.LABELS);
      Operand weights = Operand.of(dims[1]).kind(Kind.UNIT);
      for (Op loss : losses) {
        cases.add(OpCase.of(loss, Operand.of(dims).kind(Kind.WIDE), labels));
        cases.add(OpCase.of(loss, Operand.of(dims), labels, weights));
      }
      cases.add(OpCase.of(new Op.SoftmaxCrossEntropyLoss(), Operand.of(dims), labels, weights));
    }
    return cases;
  }
}

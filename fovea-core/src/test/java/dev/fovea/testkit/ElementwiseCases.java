package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.graph.Shapes;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Operand.Kind;
import java.util.ArrayList;
import java.util.List;

/** Activations, dropout, softmaxes and losses. */
final class ElementwiseCases {
  private ElementwiseCases() {}

  static List<OpCase> relu() {
    return activation(new Op.Relu(), Kind.SPACED, Kind.TIED);
  }

  /** Clamps, with bounds that are zeros and values that are bounds. */
  static List<OpCase> edges() {
    return List.of(
        OpCase.of(new Op.Relu(), Operand.of(3, 17, 2, 3).kind(Kind.EDGES)),
        OpCase.of(new Op.Clip(0, 6), Operand.of(3, 17, 2, 3).kind(Kind.EDGES)),
        OpCase.of(new Op.Clip(-1, 0), Operand.of(3, 17, 2, 3).kind(Kind.EDGES)),
        OpCase.of(new Op.Clip(-1, -0f), Operand.of(3, 17, 2, 3).kind(Kind.EDGES)),
        OpCase.of(new Op.Clip(-0f, 6), Operand.of(3, 17, 2, 3).kind(Kind.EDGES)));
  }

  static List<OpCase> leakyRelu() {
    List<OpCase> cases = activation(new Op.LeakyRelu(0.01f), Kind.SPACED, Kind.TIED);
    cases.add(OpCase.of(new Op.LeakyRelu(0.2f), Operand.of(3, 17).kind(Kind.SPACED)));
    cases.add(OpCase.of(new Op.LeakyRelu(0), Operand.of(3, 17).kind(Kind.SPACED)));
    return cases;
  }

  static List<OpCase> sigmoid() {
    return activation(new Op.Sigmoid(), Kind.SIGNED, Kind.WIDE, Kind.HUGE);
  }

  static List<OpCase> tanh() {
    return activation(new Op.Tanh(), Kind.SIGNED, Kind.WIDE, Kind.HUGE);
  }

  static List<OpCase> dropout() {
    List<OpCase> cases = new ArrayList<>();
    for (float rate : new float[] {0, 0.1f, 0.5f, 0.9f}) {
      cases.add(OpCase.of(new Op.Dropout("features.1", rate), Operand.of(2, 3, 4)));
      cases.add(OpCase.of(new Op.Dropout("drop", rate), Operand.of(17, 33)));
    }
    cases.add(OpCase.of(new Op.Dropout("", 0.5f), Operand.of(2, 17, 3, 5)));
    return cases;
  }

  static List<OpCase> softmax(Op op) {
    int[][] shapes = {{1, 1}, {2, 1}, {1, 7}, {4, 10}, {17, 33}, {33, 16}, {1, 1000}, {3, 5, 7}, {2, 4, 3, 5}, {1, 17, 2, 9}};
    return cross(op, shapes, Kind.SIGNED, Kind.WIDE, Kind.HUGE);
  }

  static List<OpCase> softmaxLoss() {
    int[][] shapes = {{1, 1}, {1, 2}, {6, 5}, {33, 10}, {17, 3}, {16, 33}, {1, 1000}, {3, 5, 7}, {2, 4, 3, 5}, {1, 17, 2, 9}};
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : shapes) {
      for (Kind kind : List.of(Kind.SIGNED, Kind.WIDE, Kind.HUGE)) {
        cases.add(
            OpCase.of(
                new Op.SoftmaxCrossEntropyLoss(),
                Operand.of(dims).kind(kind),
                new Operand(Shapes.labelsOf(Shape.of(dims)), Kind.LABELS)));
      }
    }
    return cases;
  }

  static List<OpCase> sigmoidLoss() {
    int[][][] pairs =
        {{{1}, {1}}, {{7}, {7}}, {{8, 1}, {8}}, {{17, 3}, {17, 3}}, {{2, 1, 5, 7}, {2, 5, 7}}, {{33, 33}, {33, 33}}};
    List<OpCase> cases = new ArrayList<>();
    for (int[][] pair : pairs) {
      for (Kind kind : List.of(Kind.SIGNED, Kind.WIDE, Kind.HUGE)) {
        cases.add(
            OpCase.of(new Op.SigmoidCrossEntropyLoss(), Operand.of(pair[0]).kind(kind), Operand.of(pair[1]).kind(Kind.UNIT)));
      }
    }
    return cases;
  }

  private static List<OpCase> activation(Op op, Kind... kinds) {
    int[][] shapes = {{}, {1}, {40}, {2, 3}, {17, 33}, {3, 5, 7}, {2, 3, 7, 5}, {1, 17, 3, 3}, {1, 16, 16, 16}};
    return cross(op, shapes, kinds);
  }

  private static List<OpCase> cross(Op op, int[][] shapes, Kind... kinds) {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : shapes) {
      for (Kind kind : kinds) {
        cases.add(OpCase.of(op, Operand.of(dims).kind(kind)));
      }
    }
    return cases;
  }
}

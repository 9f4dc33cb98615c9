package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.testkit.Operand.Kind;
import java.util.ArrayList;
import java.util.List;

/** Matrix products, flattening, and sums and products with every kind of broadcasting. */
final class DenseCases {
  private DenseCases() {}

  static List<OpCase> gemm() {
    int[][] sizes = {
        {1, 1, 1}, {1, 7, 1}, {2, 3, 5}, {5, 1, 7}, {1, 65, 9}, {1, 1, 33}, {3, 33, 17}, {16, 16, 16}, {17, 31, 13}, {33, 17, 33},
        {64, 5, 1}, {7, 48, 64}, {2, 257, 10}, {48, 3, 41}, {16, 515, 9}, {29, 521, 21},
    };
    List<OpCase> cases = new ArrayList<>();
    for (int[] size : sizes) {
      for (int form = 0; form < 8; form++) {
        boolean transA = (form & 1) != 0;
        boolean transB = (form & 2) != 0;
        Op op = new Op.Gemm(transA, transB);
        Operand a = transA ? Operand.of(size[1], size[0]) : Operand.of(size[0], size[1]);
        Operand b = transB ? Operand.of(size[2], size[1]) : Operand.of(size[1], size[2]);
        cases.add(form < 4 ? OpCase.of(op, a, b) : OpCase.of(op, a, b, Operand.of(size[2])));
      }
    }
    return cases;
  }

  static List<OpCase> flatten() {
    Op op = new Op.Flatten();
    return List.of(
        OpCase.of(op, Operand.of(4)),
        OpCase.of(op, Operand.of(2, 3)),
        OpCase.of(op, Operand.of(3, 2, 5)),
        OpCase.of(op, Operand.of(1, 1, 1, 1)),
        OpCase.of(op, Operand.of(17, 3, 2, 2)),
        OpCase.of(op, Operand.of(2, 17, 3, 5)),
        OpCase.of(op, Operand.of(33, 5, 1, 1)));
  }

  /** The same pairs of shapes for Add and for Mul. */
  static List<OpCase> broadcast(Op op) {
    int[][][] pairs = {
        // the same shape
        {{}, {}}, {{1}, {1}}, {{40}, {40}}, {{2, 3}, {2, 3}}, {{2, 3, 4}, {2, 3, 4}}, {{2, 3, 4, 5}, {2, 3, 4, 5}},
        {{3, 17, 3, 3}, {3, 17, 3, 3}},
        // a scalar
        {{5}, {}}, {{2, 3, 4, 5}, {}}, {{2, 3, 4, 5}, {1}}, {{17, 33}, {}},
        // per channel
        {{2, 3, 4, 5}, {3, 1, 1}}, {{1, 17, 3, 7}, {17, 1, 1}}, {{17, 16, 2, 2}, {16, 1, 1}}, {{33, 2, 3, 1}, {2, 1, 1}},
        {{2, 1, 4, 5}, {1, 1, 1}}, {{2, 3, 4, 5}, {1, 3, 1, 1}},
        // per channel and image
        {{2, 3, 4, 5}, {2, 3, 1, 1}}, {{3, 17, 2, 3}, {3, 17, 1, 1}}, {{1, 4, 3, 3}, {1, 4, 1, 1}},
        // rows and columns
        {{2, 3}, {3}}, {{17, 33}, {33}}, {{1, 7}, {7}}, {{4, 5}, {1, 5}}, {{4, 5}, {4, 1}}, {{33, 10}, {33, 1}},
        // with a batch or without
        {{3, 2, 4, 5}, {2, 4, 5}}, {{3, 2, 4, 5}, {4, 5}}, {{3, 2, 4, 5}, {5}}, {{3, 2, 4, 5}, {4, 1}},
        {{3, 2, 4, 5}, {3, 1, 1, 1}},
        {{3, 2, 4, 5}, {1, 1, 4, 5}}, {{3, 2, 4, 5}, {3, 1, 4, 1}}, {{3, 2, 4, 5}, {2, 1, 5}},
    };
    List<OpCase> cases = new ArrayList<>();
    for (int[][] pair : pairs) {
      cases.add(OpCase.of(op, Operand.of(pair[0]), Operand.of(pair[1])));
    }
    cases.add(OpCase.of(op, Operand.of(4, 33).kind(Kind.WIDE), Operand.of(33).kind(Kind.WIDE)));
    return cases;
  }
}

package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Operand.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Operators along any axis of a tensor, products of its matrices, and elementwise operators whose operands broadcast mutually. */
final class TensorCases {
  private static final int[][] SHAPES = {
      {1}, {33}, {2, 3}, {17, 33}, {3, 1, 5}, {2, 3, 4, 5}, {1, 17, 3, 7}, {17, 2, 5, 3}, {3, 16, 6, 4}, {2, 3, 2, 5, 4}
  };

  private TensorCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(matMul());
    cases.addAll(transpose());
    cases.addAll(reshape());
    cases.addAll(gather());
    cases.addAll(gatherElements());
    cases.addAll(largest());
    cases.addAll(axes());
    cases.addAll(mutual());
    cases.addAll(unary());
    return cases;
  }

  private static List<OpCase> matMul() {
    int[][][] pairs = {
        {{1, 1}, {1, 1}}, {{2, 3}, {3, 5}}, {{17, 33}, {33, 9}}, {{1, 1, 1}, {1, 1}}, {{4, 2, 3}, {3, 5}},
        {{3, 17, 33}, {33, 16}},
        {{2, 3, 4, 5}, {5, 7}}, {{2, 7, 5, 16}, {16, 33}}, {{4, 2, 3}, {4, 3, 5}}, {{3, 17, 33}, {3, 33, 16}},
        {{2, 3, 4, 5}, {2, 3, 5, 7}}, {{2, 1, 4, 5}, {3, 5, 7}}, {{3, 4, 5}, {2, 1, 5, 1}}, {{4, 5}, {2, 5, 3}},
        {{1, 5}, {7, 5, 1}},
        {{2, 1, 1, 9}, {1, 2, 9, 35}}, {{5, 19, 8}, {5, 8, 19}}, {{2, 49, 12}, {2, 12, 49}}, {{1, 3, 2}, {5, 2, 65}},
        {{3, 1, 70}, {70, 3}},
    };
    List<OpCase> cases = new ArrayList<>();
    for (int[][] pair : pairs) {
      cases.add(OpCase.of(new Op.MatMul(), Operand.of(pair[0]), Operand.of(pair[1])));
    }
    return cases;
  }

  private static List<OpCase> transpose() {
    int[][] perms = {
        {}, {0}, {1, 0}, {0, 1}, {0, 2, 1}, {2, 0, 1}, {2, 1, 0}, {0, 2, 3, 1}, {0, 3, 1, 2}, {0, 2, 1, 3}, {1, 0, 2, 3},
        {3, 2, 1, 0},
        {0, 1, 3, 2}, {0, 2, 1, 3, 4}, {4, 0, 3, 1, 2}, {0, 1, 4, 2, 3}
    };
    int[][] sizes = {{2, 3, 4, 5, 2}, {17, 2, 3, 5, 1}, {1, 17, 16, 3, 2}, {3, 1, 33, 2, 4}, {2, 19, 1, 37, 1}};
    List<OpCase> cases = new ArrayList<>();
    for (int[] perm : perms) {
      for (int i = 0; i < (perm.length < 2 ? 1 : sizes.length); i++) {
        cases.add(
            OpCase.of(
                new Op.Transpose(Arrays.stream(perm).boxed().toList()), Operand.of(Arrays.copyOf(sizes[i], perm.length))));
      }
    }
    return cases;
  }

  private static List<OpCase> reshape() {
    Dim batch = new Dim.Axis(0);
    Dim rest = new Dim.Rest();
    return List.of(
        OpCase.of(Op.Reshape.of(Shape.of()), Operand.of(1, 1)),
        OpCase.of(Op.Reshape.of(Shape.of(1, 1)), Operand.of()),
        OpCase.of(Op.Reshape.of(Shape.of(6, 4)), Operand.of(2, 3, 4)),
        OpCase.of(new Op.Reshape(List.of(rest)), Operand.of(17, 3, 2)),
        OpCase.of(new Op.Reshape(List.of(rest, new Dim.Size(6))), Operand.of(17, 3, 2)),
        OpCase.of(new Op.Reshape(List.of(batch, new Dim.Size(2), rest, new Dim.Axis(2), new Dim.Axis(3))),
            Operand.of(3, 6, 5, 4)),
        OpCase.of(new Op.Reshape(List.of(batch, new Dim.Axis(1), rest)), Operand.of(2, 17, 3, 5)),
        OpCase.of(new Op.Reshape(List.of(new Dim.Axis(1), batch, rest)), Operand.of(17, 2, 3)));
  }

  private static List<OpCase> gather() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : SHAPES) {
      for (int axis = 0; axis < dims.length; axis++) {
        List<Integer> reversed = new ArrayList<>(IntStream.range(0, dims[axis]).boxed().toList());
        Collections.reverse(reversed);
        cases.add(OpCase.of(new Op.Gather(axis, reversed), Operand.of(dims)));
        int size = dims[axis];
        List<Integer> repeated = IntStream.range(0, 2 * size + 1).map(i -> i * i * 7 % size).boxed().toList();
        cases.add(OpCase.of(new Op.Gather(axis, repeated), Operand.of(dims)));
      }
    }
    cases.add(OpCase.of(new Op.Gather(1, List.of(3)), Operand.of(3, 17, 2, 5)));
    // a channel shuffle of two groups of 16
    List<Integer> shuffled = IntStream.range(0, 32).map(c -> c % 2 * 16 + c / 2).boxed().toList();
    cases.add(OpCase.of(new Op.Gather(1, shuffled), Operand.of(2, 32, 3, 5)));
    return cases;
  }

  private static List<OpCase> gatherElements() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : SHAPES) {
      for (int axis = 0; axis < dims.length; axis++) {
        for (int size : new int[] {1, dims[axis], dims[axis] + 2}) {
          Operand indices = new Operand(Shape.of(dims).with(axis, size), Kind.LABELS);
          OpCase c = OpCase.of(new Op.GatherElements(axis), Operand.of(dims), indices);
          if (!cases.contains(c)) {
            cases.add(c);
          }
        }
      }
    }
    return cases;
  }

  private static List<OpCase> largest() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : SHAPES) {
      for (int axis = 0; axis < dims.length; axis++) {
        for (Kind kind : List.of(Kind.SPACED, Kind.TIED)) {
          cases.add(OpCase.of(new Op.ReduceMax(axis), Operand.of(dims).kind(kind)));
          cases.add(OpCase.of(new Op.TopK(axis, 1), Operand.of(dims).kind(kind)));
          if (dims[axis] > 1) {
            cases.add(OpCase.of(new Op.TopK(axis, dims[axis]), Operand.of(dims).kind(kind)));
          }
        }
      }
    }
    cases.add(OpCase.of(new Op.TopK(1, 5), Operand.of(3, 100).kind(Kind.WIDE)));
    return cases;
  }

  /** Operators that worked along the channels alone, or not along the batch. */
  private static List<OpCase> axes() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : SHAPES) {
      Operand x = Operand.of(dims);
      for (int axis = 0; axis < dims.length; axis++) {
        int size = dims[axis];
        if (axis != 1) {
          for (Kind kind : List.of(Kind.WIDE, Kind.HUGE)) {
            cases.add(OpCase.of(new Op.Softmax(axis), x.kind(kind)));
            cases.add(OpCase.of(new Op.LogSoftmax(axis), x.kind(kind)));
          }
          Operand more = new Operand(x.shape().with(axis, 2), Kind.SIGNED);
          cases.add(OpCase.of(new Op.Concat(axis), x, more, x));
        }
        cases.add(OpCase.of(new Op.Slice(axis, -1, Integer.MAX_VALUE), x));
        if (size > 2) {
          cases.add(OpCase.of(new Op.Slice(axis, 1, -1), x));
        }
      }
      cases.add(OpCase.of(new Op.Slice(0, dims[0] / 2, dims[0]), x));
      cases.add(OpCase.of(new Op.Pad(0, 2, 1), x));
    }
    return cases;
  }

  private static List<OpCase> mutual() {
    int[][][] pairs = {
        {{}, {}}, {{}, {5}}, {{7}, {7}}, {{3, 1}, {1, 5}}, {{1, 17}, {4, 17}}, {{17, 1, 3}, {33, 1}},
        {{2, 3, 4, 5}, {2, 3, 4, 5}},
        {{3, 1, 1}, {2, 3, 4, 5}}, {{17, 3, 1, 1}, {17, 3, 2, 2}}, {{2, 3, 4, 5}, {3, 1, 1}}, {{1, 17, 3, 7}, {1, 17, 1, 1}},
        {{1, 1, 3, 7}, {2, 17, 1, 1}}, {{1, 16, 1, 5}, {3, 1, 4, 1}}, {{3, 17, 2, 2}, {}}, {{1, 1}, {2, 33}}, {{2, 3}, {2, 2, 3}},
        {{17, 2, 3, 5}, {2, 3, 5}}, {{17, 16, 2, 2}, {16, 1, 1}}, {{17, 33}, {33}}, {{33, 10}, {33, 1}}, {{3, 2, 4, 5}, {5}}
    };
    List<OpCase> cases = new ArrayList<>();
    for (int[][] pair : pairs) {
      Operand a = Operand.of(pair[0]);
      Operand b = Operand.of(pair[1]);
      if (a.shape().rank() < b.shape().rank() || a.shape().size() < b.shape().size() || pair[1].length == 2 && pair[1][1] == 5) {
        cases.add(OpCase.of(new Op.Add(), a, b));
        cases.add(OpCase.of(new Op.Mul(), a, b));
      }
      cases.add(OpCase.of(new Op.Div(), a, b.kind(Kind.POSITIVE)));
      cases.add(OpCase.of(new Op.Max(), a.kind(Kind.SPACED), b.kind(Kind.WIDE)));
      cases.add(OpCase.of(new Op.Max(), a.kind(Kind.TIED), b.kind(Kind.TIED)));
      cases.add(OpCase.of(new Op.Less(), a, b));
      cases.add(OpCase.of(new Op.Less(), a.kind(Kind.TIED), b.kind(Kind.TIED)));
      cases.add(OpCase.of(new Op.Where(), a.kind(Kind.RECTIFIED), b, a));
      cases.add(OpCase.of(new Op.Where(), Operand.of(1).kind(Kind.RECTIFIED), a, b));
      cases.add(OpCase.of(new Op.Where(), b.kind(Kind.TIED), Operand.of(1), a));
    }
    return cases;
  }

  private static List<OpCase> unary() {
    int[][] shapes = {{}, {1}, {40}, {17, 33}, {3, 5, 7}, {2, 3, 7, 5}, {1, 17, 3, 3}, {17, 2, 3, 3}};
    List<OpCase> cases = new ArrayList<>();
    for (int[] dims : shapes) {
      Operand x = Operand.of(dims);
      cases.add(OpCase.of(new Op.Log(), x.kind(Kind.POSITIVE)));
      for (Kind kind : List.of(Kind.SIGNED, Kind.WIDE)) {
        cases.add(OpCase.of(new Op.Sin(), x.kind(kind)));
        cases.add(OpCase.of(new Op.Cos(), x.kind(kind)));
      }
      for (Kind kind : List.of(Kind.WIDE, Kind.HUGE, Kind.TIED)) {
        cases.add(OpCase.of(new Op.Floor(), x.kind(kind)));
        cases.add(OpCase.of(new Op.Round(), x.kind(kind)));
      }
    }
    return cases;
  }

  /** Zeros of both signs, infinities and NaN. */
  static List<OpCase> edges() {
    Operand x = Operand.of(3, 17, 2, 3).kind(Kind.EDGES);
    Operand perMap = Operand.of(17, 1, 1).kind(Kind.EDGES);
    List<OpCase> cases = new ArrayList<>();
    for (Op op : List.of(new Op.Floor(), new Op.Round(), new Op.Log(), new Op.TopK(1, 5), new Op.ReduceMax(1))) {
      cases.add(OpCase.of(op, x));
    }
    cases.add(OpCase.of(new Op.Div(), x, x));
    for (Op op : List.of(new Op.Max(), new Op.Less())) {
      cases.add(OpCase.of(op, x, x));
      cases.add(OpCase.of(op, x, perMap));
      cases.add(OpCase.of(op, perMap, x));
    }
    cases.add(OpCase.of(new Op.Where(), x, perMap, x));
    return cases;
  }
}

package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Operand.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The part of {@link RandomCases} that moves elements along any axes, and multiplies matrices. */
record RandomTensors(RandomCases draw) {
  OpCase moved() {
    Shape shape = draw.anyShape(draw.between(1, 4));
    Operand x = new Operand(shape, Kind.SIGNED);
    int axis = draw.between(0, shape.rank() - 1);
    int size = shape.dim(axis);
    return switch (draw.between(0, 4)) {
      case 0, 1 -> OpCase.of(new Op.Transpose(perm(shape.rank())), x);
      case 2 -> OpCase.of(
          new Op.Gather(axis, IntStream.range(0, draw.between(1, 9)).map(_ -> draw.between(0, size - 1)).boxed().toList()), x);
      case 3 -> OpCase.of(
          new Op.GatherElements(axis), x, new Operand(shape.with(axis, draw.between(1, 5)), Kind.LABELS));
      default -> OpCase.of(
          new Op.Slice(axis, draw.between(0, size - 1) - (draw.coin() ? size : 0), Integer.MAX_VALUE), x);
    };
  }

  private List<Integer> perm(int rank) {
    List<Integer> perm = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      perm.add(draw.between(0, axis), axis);
    }
    return perm;
  }

  OpCase matMul() {
    Shape leading = Shape.of(IntStream.range(0, draw.between(0, 2)).map(_ -> draw.between(1, 3)).toArray());
    int inner = draw.between(1, 40);
    Shape a = matrices(leading, draw.between(1, 20), inner);
    Shape b = draw.coin() ? matrices(leading, inner, draw.between(1, 40)) : Shape.of(inner, draw.between(1, 40));
    return OpCase.of(new Op.MatMul(), new Operand(a, Kind.SIGNED), new Operand(b, Kind.SIGNED));
  }

  /** Matrices for some of those axes. */
  private Shape matrices(Shape leading, int rows, int columns) {
    Stream<Integer> axes = leading.dims().stream().map(size -> draw.coin() ? size : 1);
    return new Shape(Stream.concat(axes, Stream.of(rows, columns)).toList());
  }

  OpCase alongAxis() {
    Shape shape = draw.anyShape(draw.between(1, 4));
    Operand x = new Operand(shape, Kind.SIGNED);
    int axis = draw.between(0, shape.rank() - 1);
    Kind kind = draw.coin() ? Kind.SPACED : Kind.TIED;
    return switch (draw.between(0, 4)) {
      case 0 -> OpCase.of(new Op.Softmax(axis), x);
      case 1 -> OpCase.of(new Op.LogSoftmax(axis), x);
      case 2 -> OpCase.of(new Op.ReduceMax(axis), x.kind(kind));
      case 3 -> OpCase.of(new Op.TopK(axis, draw.between(1, shape.dim(axis))), x.kind(kind));
      default -> OpCase.of(new Op.Concat(axis), x, new Operand(shape.with(axis, draw.between(1, 5)), Kind.SIGNED));
    };
  }
}

package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Operand.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The part of {@link RandomCases} that crops, pads, concatenates, resizes and pools maps. */
record RandomMaps(RandomCases draw) {
  /** Max unpooling, picking by a key, and random draws. */
  OpCase winner() {
    Window w = draw.poolWindow();
    Kind kind = draw.coin() ? Kind.SPACED : Kind.TIED;
    Operand key = Operand.of(draw.between(1, 2), draw.oneOf(1, 2, 3, 17), draw.height(w), draw.width(w)).kind(kind);
    Shape pooled = OpCase.of(new Op.MaxPool(w), key).resultShape();
    return switch (draw.between(0, 4)) {
      case 0, 1 -> OpCase.of(new Op.MaxUnpool(w), key, new Operand(pooled, Kind.SIGNED));
      case 2, 3 -> OpCase.of(new Op.MaxPick(w), key, new Operand(key.shape(), Kind.SIGNED));
      default -> OpCase.of(new Op.ExponentialRace("lots" + draw.between(0, 9)), key.kind(Kind.RECTIFIED));
    };
  }

  OpCase adaptive() {
    int h = draw.between(1, 9);
    int w = draw.between(1, 9);
    Operand x = new Operand(maps(), Kind.SIGNED);
    return RandomCases.bounded(
        draw.coin()
            ? OpCase.of(new Op.AdaptiveAveragePool(h, w), x)
            : OpCase.of(new Op.AdaptiveMaxPool(h, w), x.kind(draw.coin() ? Kind.SPACED : Kind.TIED)));
  }

  OpCase cut() {
    Shape shape = draw.anyShape(draw.between(2, 4));
    Operand x = new Operand(shape, Kind.SIGNED);
    int axis = draw.between(1, shape.rank() - 1);
    int from = draw.between(0, shape.dim(axis) - 1);
    return switch (draw.between(0, 5)) {
      case 0 -> OpCase.of(new Op.Slice(axis, from, draw.between(from + 1, shape.dim(axis))), x);
      case 1 -> OpCase.of(new Op.Pad(axis, draw.between(0, 5), draw.between(0, 5)), x);
      case 2 -> RandomCases.bounded(OpCase.of(new Op.PadToMultiple(draw.between(1, 6)), new Operand(maps(), Kind.SIGNED)));
      case 3 -> crop();
      case 4 -> OpCase.of(Op.Reshape.image(draw.coin() ? shape.withoutBatch() : Shape.of(1, shape.sizeFrom(1))), x);
      default -> concat(shape);
    };
  }

  private OpCase crop() {
    Shape x = maps();
    int top = draw.between(0, x.dim(2) - 1);
    int left = draw.between(0, x.dim(3) - 1);
    Operand reference =
        Operand.of(draw.between(1, 2), draw.between(1, 3), draw.between(1, x.dim(2) - top), draw.between(1, x.dim(3) - left));
    return OpCase.of(new Op.Crop(top, left), new Operand(x, Kind.SIGNED), reference);
  }

  private OpCase concat(Shape shape) {
    List<Operand> operands = new ArrayList<>();
    IntStream.range(0, draw.between(1, 4))
        .forEach(_ -> operands.add(new Operand(shape.with(1, draw.between(1, 5)), Kind.SIGNED)));
    return new OpCase(new Op.Concat(), operands);
  }

  OpCase resized() {
    Op.Interpolation how = List.of(Op.Interpolation.values()).get(draw.between(0, 2));
    Operand x = new Operand(maps(), Kind.SIGNED);
    return RandomCases.bounded(
        draw.coin()
            ? OpCase.of(new Op.Resize(how, draw.between(1, 3)), x)
            : OpCase.of(new Op.Resize(how, 1), x, Operand.of(1, draw.between(1, 2), draw.between(1, 12), draw.between(1, 12))));
  }

  OpCase localConv() {
    Window w = draw.window(3, 2, 2);
    Operand x = Operand.of(draw.oneOf(1, 2, 17), draw.between(1, 3), draw.height(w), draw.oneOf(0, 1, 3) + w.extentW());
    int h = w.outH(x.shape().dim(2));
    int wide = w.outW(x.shape().dim(3));
    return OpCase.of(
        new Op.LocalConv(w), x, Operand.of(h, wide, draw.between(1, 2), x.shape().dim(1), w.kernelH(), w.kernelW()));
  }

  /** Reductions and one-hot: sums, means, maxout. */
  OpCase folded() {
    Shape shape = draw.anyShape(draw.between(2, 4));
    Operand x = new Operand(shape, Kind.SIGNED);
    int pieces = draw.between(1, 4);
    return switch (draw.between(0, 3)) {
      case 0 -> OpCase.of(new Op.Sum(draw.between(0, shape.rank() - 1)), x);
      case 1 -> OpCase.of(new Op.Mean(), x);
      case 2 -> OpCase.of(
          new Op.Maxout(pieces), new Operand(shape.with(1, pieces * draw.between(1, 3)), draw.coin() ? Kind.SPACED : Kind.TIED));
      default -> RandomCases.bounded(OpCase.of(new Op.OneHot(draw.between(1, 5)), x.kind(Kind.LABELS)));
    };
  }

  private Shape maps() {
    return Shape.of(draw.batch(), draw.oneOf(1, 2, 3, 17), draw.oneOf(1, 2, 3, 5, 7), draw.oneOf(1, 2, 4, 7));
  }
}

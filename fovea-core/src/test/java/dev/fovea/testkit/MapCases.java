package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Interpolation;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Operand.Kind;
import java.util.ArrayList;
import java.util.List;

/** Operators that crop, pad, concatenate, resize and pool maps, and convolution without shared weights. */
final class MapCases {
  private static final int[][] MAPS = {
      {1, 1, 1, 1}, {2, 3, 4, 5}, {1, 17, 3, 7}, {17, 2, 5, 5}, {3, 16, 6, 4}, {33, 4, 2, 3}, {2, 33, 1, 3}, {17, 1, 7, 1}
  };

  private MapCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(winners());
    cases.addAll(adaptive());
    cases.addAll(cuts());
    cases.addAll(resize());
    cases.addAll(localConv());
    cases.addAll(maxout());
    cases.addAll(oneHot());
    return cases;
  }

  private static List<OpCase> winners() {
    List<OpCase> cases = new ArrayList<>();
    for (OpCase pool : WindowCases.maxPool()) {
      Operand x = pool.operands().getFirst();
      Window w = ((Op.MaxPool) pool.op()).window();
      cases.add(OpCase.of(new Op.MaxUnpool(w), x, new Operand(pool.resultShape(), Kind.SIGNED)));
      cases.add(OpCase.of(new Op.MaxPick(w), x, new Operand(x.shape(), Kind.SIGNED)));
    }
    cases.add(OpCase.of(new Op.ExponentialRace("pool"), Operand.of(2, 3, 4, 5).kind(Kind.RECTIFIED)));
    cases.add(OpCase.of(new Op.ExponentialRace(""), Operand.of(17, 33).kind(Kind.UNIT)));
    return cases;
  }

  private static List<OpCase> adaptive() {
    int[][] outputs = {{1, 1}, {2, 3}, {7, 7}, {3, 2}, {1, 4}};
    List<OpCase> cases = new ArrayList<>();
    for (int[] map : MAPS) {
      for (int[] out : outputs) {
        cases.add(OpCase.of(new Op.AdaptiveAveragePool(out[0], out[1]), Operand.of(map)));
        cases.add(OpCase.of(new Op.AdaptiveMaxPool(out[0], out[1]), Operand.of(map).kind(Kind.SPACED)));
      }
    }
    cases.add(OpCase.of(new Op.AdaptiveMaxPool(2, 2), Operand.of(2, 3, 5, 5).kind(Kind.TIED)));
    return cases;
  }

  private static List<OpCase> cuts() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] map : MAPS) {
      Shape x = Shape.of(map);
      for (int axis = 1; axis < x.rank(); axis++) {
        int size = x.dim(axis);
        cases.add(OpCase.of(new Op.Slice(axis, size / 3, size), Operand.of(map)));
        if (size > 1) {
          cases.add(OpCase.of(new Op.Slice(axis, 0, (size + 1) / 2), Operand.of(map)));
        }
        cases.add(OpCase.of(new Op.Pad(axis, 1, 2), Operand.of(map)));
        cases.add(OpCase.of(new Op.Pad(axis, 0, 17), Operand.of(map)));
        cases.add(OpCase.of(new Op.Sum(axis), Operand.of(map)));
      }
      cases.add(OpCase.of(new Op.Sum(0), Operand.of(map)));
      cases.add(OpCase.of(new Op.Mean(), Operand.of(map)));
      cases.add(OpCase.of(new Op.PadToMultiple(2), Operand.of(map)));
      cases.add(OpCase.of(new Op.PadToMultiple(5), Operand.of(map)));
      cases.add(OpCase.of(new Op.Crop(0, x.dim(3) - 1), Operand.of(map), Operand.of(1, 2, x.dim(2), 1)));
      cases.add(OpCase.of(new Op.Crop(x.dim(2) / 2, 0), Operand.of(map), Operand.of(3, 1, 1, x.dim(3))));
      cases.add(OpCase.of(new Op.Concat(), Operand.of(map)));
      cases.add(OpCase.of(new Op.Concat(), Operand.of(map), new Operand(x.with(1, 2), Kind.SIGNED), Operand.of(map)));
      cases.add(OpCase.of(Op.Reshape.image(Shape.of(x.sizeFrom(1))), Operand.of(map)));
      cases.add(OpCase.of(Op.Reshape.image(Shape.of(1, x.sizeFrom(2), x.dim(1))), Operand.of(map)));
    }
    cases.add(OpCase.of(new Op.Concat(), Operand.of(3, 5), Operand.of(3, 1), Operand.of(3, 16)));
    cases.add(OpCase.of(new Op.Slice(1, 2, 5), Operand.of(4, 7)));
    cases.add(OpCase.of(new Op.Pad(1, 2, 0), Operand.of(33, 3)));
    cases.add(OpCase.of(new Op.Sum(0), Operand.of(33)));
    cases.add(OpCase.of(new Op.Sum(2), Operand.of(3, 5, 33)));
    cases.add(OpCase.of(new Op.Mean(), Operand.of()));
    return cases;
  }

  private static List<OpCase> resize() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] map : MAPS) {
      for (Interpolation how : Interpolation.values()) {
        cases.add(OpCase.of(new Op.Resize(how, 2), Operand.of(map)));
        cases.add(OpCase.of(new Op.Resize(how, 3), Operand.of(map)));
        cases.add(OpCase.of(new Op.Resize(how, 1), Operand.of(map), Operand.of(1, 1, 7, 3)));
        cases.add(OpCase.of(new Op.Resize(how, 1), Operand.of(map), Operand.of(2, 3, 1, 2)));
      }
    }
    return cases;
  }

  private static List<OpCase> localConv() {
    Window[] windows = {
        Window.of(1), Window.of(3).padding(1), Window.of(2, 3).stride(2).padding(1, 0, 0, 2), Window.of(2).dilation(2)
    };
    List<OpCase> cases = new ArrayList<>();
    for (Window w : windows) {
      for (int[] map : new int[][] {{2, 3, 4, 5}, {17, 2, 3, 4}, {33, 1, 4, 3}, {1, 17, 3, 3}}) {
        Shape x = Shape.of(map);
        cases.add(
            OpCase.of(
                new Op.LocalConv(w),
                Operand.of(map),
                Operand.of(w.outH(x.dim(2)), w.outW(x.dim(3)), 3, x.dim(1), w.kernelH(), w.kernelW())));
      }
    }
    return cases;
  }

  private static List<OpCase> maxout() {
    List<OpCase> cases = new ArrayList<>();
    for (int pieces : new int[] {1, 2, 3}) {
      for (Kind kind : List.of(Kind.SPACED, Kind.TIED)) {
        cases.add(OpCase.of(new Op.Maxout(pieces), Operand.of(3, 6).kind(kind)));
        cases.add(OpCase.of(new Op.Maxout(pieces), Operand.of(17, 6, 3, 2).kind(kind)));
        cases.add(OpCase.of(new Op.Maxout(pieces), Operand.of(2, 48, 2, 3).kind(kind)));
        cases.add(OpCase.of(new Op.Maxout(pieces), Operand.of(33, pieces, 1, 1).kind(kind)));
        cases.add(OpCase.of(new Op.Maxout(pieces), Operand.of(3, 17 * pieces, 5).kind(kind)));
      }
    }
    return cases;
  }

  private static List<OpCase> oneHot() {
    return List.of(
        OpCase.of(new Op.OneHot(3), Operand.of(5).kind(Kind.LABELS)),
        OpCase.of(new Op.OneHot(5), Operand.of(2, 3, 4).kind(Kind.LABELS)),
        OpCase.of(new Op.OneHot(1), Operand.of(33).kind(Kind.LABELS)),
        OpCase.of(new Op.OneHot(17), Operand.of(17, 33, 1).kind(Kind.LABELS)));
  }
}

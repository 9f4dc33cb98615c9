package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Operand.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolutions, their transposes and pools at sizes that are critical for kernels: remainders, borders, odd channels and batches.
 */
final class WindowCases {
  private WindowCases() {}

  static List<OpCase> conv() {
    Cases c = new Cases();
    Window three = Window.of(3);
    Window same = three.padding(1);
    c.conv(1, 1, 1, 1, 1, Window.of(1));
    c.conv(2, 3, 1, 1, 4, same);
    c.conv(1, 3, 5, 5, 2, same.stride(2));
    c.conv(2, 3, 7, 6, 4, three);
    c.conv(3, 5, 7, 6, 7, same);
    c.conv(1, 3, 3, 3, 4, three);
    // batches around the number of lanes, NCHW16n
    c.conv(16, 1, 8, 8, 6, Window.of(5).padding(2));
    c.conv(17, 2, 5, 7, 3, three);
    c.conv(33, 1, 6, 5, 2, same);
    c.conv(33, 3, 2, 2, 5, same);
    // channels around a block of 16
    c.conv(1, 16, 6, 6, 16, same);
    c.conv(2, 17, 4, 5, 33, same);
    c.conv(1, 15, 5, 4, 31, same);
    c.conv(1, 32, 5, 4, 48, same);
    c.conv(1, 1, 9, 9, 64, same);
    c.conv(1, 48, 5, 5, 1, three);
    c.conv(2, 33, 5, 5, 17, Window.of(1));
    c.conv(3, 64, 2, 3, 16, Window.of(1));
    // widths around the lanes and around Winograd's tiles
    c.conv(1, 3, 4, 15, 5, same);
    c.conv(1, 2, 2, 16, 3, same);
    c.conv(1, 2, 3, 17, 16, same);
    c.conv(1, 16, 3, 33, 3, same);
    c.conv(1, 4, 31, 32, 2, three);
    c.conv(2, 16, 4, 4, 16, same);
    c.conv(1, 16, 8, 9, 16, same);
    c.conv(1, 16, 10, 7, 32, three);
    c.conv(1, 3, 1, 64, 2, Window.of(1, 3).padding(0, 1, 0, 1));
    c.conv(1, 3, 33, 1, 2, Window.of(3, 1));
    // few filters, rows in the lanes: rows of several vectors, of less than one, and the remainder of the last
    c.conv(2, 1, 13, 28, 6, Window.of(5).padding(2));
    c.conv(1, 3, 9, 70, 5, same.stride(2, 1));
    c.conv(1, 2, 11, 33, 6, three.dilation(2).padding(3));
    c.conv(1, 5, 7, 13, 1, Window.of(4, 3).padding(5, 0, 2, 1));
    // strides, their remainders, and strides beyond the kernel
    c.conv(2, 3, 8, 6, 4, three.stride(2));
    c.conv(1, 16, 9, 9, 16, same.stride(2));
    c.conv(2, 3, 7, 6, 5, Window.of(1).stride(2));
    c.conv(2, 17, 7, 10, 16, Window.of(1).stride(3));
    c.conv(1, 3, 9, 8, 2, Window.of(2).stride(3));
    c.conv(1, 2, 13, 11, 3, three.stride(5));
    c.conv(1, 2, 11, 13, 3, same.stride(2, 1));
    c.conv(1, 2, 11, 13, 3, three.stride(1, 4));
    c.conv(1, 3, 16, 15, 4, Window.of(7).stride(2).padding(3));
    c.conv(1, 3, 27, 27, 8, Window.of(11).stride(4));
    // uneven kernels and pads, pads beyond the kernel
    c.conv(1, 3, 8, 9, 4, Window.of(1, 7).padding(0, 3, 0, 3));
    c.conv(1, 3, 9, 8, 4, Window.of(7, 1).padding(3, 0, 3, 0));
    c.conv(2, 3, 7, 8, 2, Window.of(3, 5));
    c.conv(1, 2, 6, 6, 3, Window.of(2).padding(0, 0, 1, 1));
    c.conv(2, 3, 7, 6, 4, three.padding(0, 1, 2, 3));
    c.conv(1, 3, 8, 8, 4, three.stride(2).padding(0, 0, 1, 1));
    c.conv(1, 2, 4, 5, 3, three.padding(4));
    c.conv(1, 2, 4, 5, 3, Window.of(1).padding(2, 0, 0, 1));
    c.conv(1, 2, 4, 5, 3, Window.of(2).stride(3).padding(3));
    // dilation
    c.conv(2, 3, 9, 8, 4, three.dilation(2).padding(2));
    c.conv(1, 2, 11, 7, 3, three.dilation(3, 1));
    c.conv(1, 2, 7, 11, 17, Window.of(2, 3).dilation(1, 4));
    c.conv(1, 3, 13, 12, 4, three.dilation(2).stride(2).padding(1, 2, 3, 0));
    // groups
    c.grouped(2, 4, 6, 5, 6, 2, same);
    c.grouped(2, 6, 7, 7, 9, 3, same.stride(2));
    c.grouped(1, 32, 5, 5, 32, 2, same);
    c.grouped(1, 34, 4, 4, 34, 2, Window.of(1));
    c.grouped(2, 5, 7, 6, 5, 5, same);
    c.grouped(1, 4, 9, 8, 4, 4, Window.of(7).padding(3));
    c.grouped(1, 17, 9, 8, 17, 17, Window.of(5).stride(2).padding(2));
    c.grouped(33, 3, 4, 4, 3, 3, same);
    c.grouped(1, 16, 5, 17, 16, 16, same);
    c.grouped(2, 3, 6, 6, 6, 3, same.dilation(2));
    // the whole image at once, as a fully connected layer
    c.conv(3, 4, 5, 5, 6, Window.of(5));
    c.conv(17, 16, 2, 2, 33, Window.of(2));
    c.conv(2, 3, 3, 2, 4, Window.of(5, 4).padding(1));
    return c.list;
  }

  static List<OpCase> convTranspose() {
    Cases c = new Cases();
    Window three = Window.of(3);
    c.transposed(1, 1, 1, 1, 1, 1, Window.of(1), 0, 0);
    c.transposed(2, 3, 4, 5, 4, 1, three, 0, 0);
    c.transposed(1, 3, 4, 5, 2, 1, three.padding(1), 0, 0);
    c.transposed(2, 3, 4, 5, 2, 1, Window.of(4).stride(2), 0, 0);
    c.transposed(2, 3, 4, 5, 4, 1, three.stride(2).padding(1), 1, 1);
    c.transposed(1, 2, 3, 4, 3, 1, Window.of(2, 3).stride(3, 2).padding(0, 1, 0, 1), 2, 1);
    c.transposed(1, 2, 3, 4, 3, 1, Window.of(2).stride(3), 2, 0);
    c.transposed(1, 2, 4, 3, 3, 1, three.stride(2).padding(0, 1, 2, 0), 1, 0);
    c.transposed(1, 2, 5, 6, 3, 1, three.padding(3), 0, 0);
    c.transposed(1, 3, 2, 2, 3, 1, Window.of(16).stride(8).padding(4), 0, 0);
    c.transposed(2, 3, 4, 4, 3, 3, Window.of(4).stride(2).padding(1), 0, 0);
    c.transposed(1, 17, 3, 3, 17, 17, Window.of(4).stride(2).padding(1), 0, 0);
    c.transposed(1, 4, 5, 4, 6, 2, three, 0, 0);
    c.transposed(1, 2, 5, 4, 3, 1, three.dilation(2), 0, 0);
    c.transposed(1, 2, 4, 5, 3, 1, three.dilation(2, 3).stride(2).padding(1), 1, 1);
    c.transposed(17, 2, 3, 2, 3, 1, three.stride(2), 0, 0);
    c.transposed(33, 1, 2, 2, 2, 1, Window.of(2).stride(2), 0, 0);
    c.transposed(1, 17, 3, 4, 33, 1, three.padding(1), 0, 0);
    c.transposed(1, 16, 4, 4, 16, 1, Window.of(2).stride(2), 0, 0);
    c.transposed(2, 16, 3, 17, 16, 1, Window.of(1), 0, 0);
    return c.list;
  }

  /** Remainders of tiles, of blocks of channels, of slabs of filters and of blocks of tiles; pads on all sides. */
  static List<OpCase> winograd() {
    Cases c = new Cases();
    Window three = Window.of(3);
    Window same = three.padding(1);
    c.conv(3, 20, 17, 18, 33, same);
    c.conv(1, 16, 20, 23, 16, three);
    c.conv(2, 35, 8, 9, 130, three.padding(0, 1, 2, 1));
    c.conv(17, 64, 8, 8, 65, same);
    c.conv(1, 150, 9, 8, 17, three.padding(3));
    c.transposed(2, 33, 13, 14, 20, 1, same, 0, 0);
    c.transposed(1, 17, 17, 16, 31, 1, three, 0, 0);
    c.transposed(1, 40, 12, 11, 48, 1, three.padding(0, 2, 1, 0), 0, 0);
    // the last of the panels by channels has 21 positions, fewer than one call and more than two calls of eight
    c.transposed(1, 16, 15, 27, 16, 1, Window.of(2).stride(2), 0, 0);
    return c.list;
  }

  static List<OpCase> maxPool() {
    List<OpCase> cases = new ArrayList<>();
    for (Pool pool : pools()) {
      Op op = new Op.MaxPool(pool.window);
      cases.add(OpCase.of(op, new Operand(pool.x, Kind.SPACED)));
      cases.add(OpCase.of(op, new Operand(pool.x, Kind.TIED)));
    }
    return cases;
  }

  static List<OpCase> averagePool() {
    List<OpCase> cases = new ArrayList<>();
    for (Pool pool : pools()) {
      cases.add(OpCase.of(new Op.AveragePool(pool.window, false), new Operand(pool.x, Kind.SIGNED)));
      cases.add(OpCase.of(new Op.AveragePool(pool.window, true), new Operand(pool.x, Kind.SIGNED)));
    }
    return cases;
  }

  private record Pool(Shape x, Window window) {
    static Pool of(int n, int c, int h, int w, Window window) {
      return new Pool(Shape.of(n, c, h, w), window);
    }
  }

  private static List<Pool> pools() {
    Window two = Window.of(2).stride(2);
    Window three = Window.of(3).stride(2);
    return List.of(
        Pool.of(1, 1, 1, 1, Window.of(1)),
        Pool.of(1, 1, 2, 2, two),
        Pool.of(2, 3, 6, 8, two),
        Pool.of(3, 5, 7, 5, two),
        Pool.of(16, 1, 6, 6, two),
        Pool.of(17, 2, 4, 5, two),
        Pool.of(33, 3, 4, 4, two),
        Pool.of(1, 16, 8, 8, two),
        Pool.of(2, 17, 5, 33, two),
        Pool.of(1, 33, 4, 34, two),
        Pool.of(1, 6, 28, 28, two),
        Pool.of(2, 3, 9, 7, three),
        Pool.of(2, 3, 8, 7, three.padding(1)),
        Pool.of(2, 3, 8, 7, three.ceil(true)),
        Pool.of(1, 17, 7, 7, three.padding(1).ceil(true)),
        Pool.of(1, 2, 5, 7, two.ceil(true)),
        Pool.of(1, 2, 6, 7, two.padding(1).ceil(true)),
        Pool.of(1, 2, 9, 10, Window.of(2).stride(3).ceil(true)),
        Pool.of(1, 2, 6, 9, Window.of(4).stride(3).padding(0, 2, 1, 0).ceil(true)),
        Pool.of(1, 3, 9, 8, Window.of(2).stride(3)),
        Pool.of(1, 3, 7, 8, Window.of(1).stride(2)),
        Pool.of(1, 3, 6, 5, Window.of(3).padding(1)),
        Pool.of(1, 17, 6, 5, Window.of(3).padding(1)),
        Pool.of(1, 2, 6, 17, Window.of(5).padding(2)),
        Pool.of(2, 3, 8, 9, Window.of(2, 3).stride(3, 1)),
        Pool.of(1, 3, 7, 8, Window.of(1, 5).padding(0, 2, 0, 2)),
        Pool.of(2, 3, 5, 7, two.padding(0, 0, 1, 1)),
        Pool.of(2, 3, 6, 5, three.padding(2, 0, 0, 1)),
        Pool.of(1, 2, 8, 9, Window.of(3).dilation(2)),
        Pool.of(1, 2, 8, 9, Window.of(3).dilation(2, 3).stride(2).padding(1)),
        Pool.of(2, 5, 7, 7, Window.of(7)),
        Pool.of(2, 16, 3, 5, Window.of(3, 5)),
        Pool.of(33, 1, 2, 3, Window.of(2, 3)));
  }

  /** A builder of a list of convolutions: n images of c channels, k channels out. Every second case has no bias. */
  private static final class Cases {
    private final List<OpCase> list = new ArrayList<>();

    void conv(int n, int c, int h, int w, int k, Window window) {
      grouped(n, c, h, w, k, 1, window);
    }

    void grouped(int n, int c, int h, int w, int k, int groups, Window window) {
      Operand weight = Operand.of(k, c / groups, window.kernelH(), window.kernelW());
      add(new Op.Conv(window, groups), Operand.of(n, c, h, w), weight, Operand.of(k));
    }

    void transposed(int n, int k, int h, int w, int c, int groups, Window window, int extraH, int extraW) {
      Operand weight = Operand.of(k, c / groups, window.kernelH(), window.kernelW());
      add(new Op.ConvTranspose(window, groups, extraH, extraW), Operand.of(n, k, h, w), weight, Operand.of(c));
    }

    private void add(Op op, Operand x, Operand weight, Operand bias) {
      list.add(list.size() % 2 == 0 ? OpCase.of(op, x, weight, bias) : OpCase.of(op, x, weight));
    }
  }
}

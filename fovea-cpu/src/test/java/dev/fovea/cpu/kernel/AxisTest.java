package dev.fovea.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.OpCases;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compares axes with their definition, element by element. */
class AxisTest {
  private final long seed = OpCases.seed();
  private final Random random = new Random(seed);

  private int upTo(int max) {
    return 1 + random.nextInt(max);
  }

  @Test
  void windowsReadTheInputsUnderThem() {
    for (int i = 0; i < 3000; i++) {
      int in = upTo(12);
      int kernel = upTo(7);
      int stride = upTo(5);
      int dilation = upTo(4);
      int before = random.nextInt(9);
      int out = upTo(12);
      Axis forward = Axis.forward(in, out, kernel, stride, before, dilation);
      Axis backward = Axis.backward(out, in, kernel, stride, before, dilation);
      String what = "seed " + seed + ", case " + i + ": " + List.of(in, out, kernel, stride, before, dilation);
      for (int position = 0; position < out; position++) {
        List<List<Integer>> reads = new ArrayList<>();
        for (int element = 0; element < kernel; element++) {
          int at = position * stride - before + element * dilation;
          if (at >= 0 && at < in) {
            reads.add(List.of(element, at));
          }
        }
        check(what, forward, position, reads);
      }
      for (int position = 0; position < in; position++) {
        List<List<Integer>> reads = new ArrayList<>();
        for (int element = 0; element < kernel; element++) {
          for (int window = 0; window < out; window++) {
            if (window * stride - before + element * dilation == position) {
              reads.add(List.of(element, window));
            }
          }
        }
        check(what, backward, position, reads);
      }
      checkWhole(what, forward, kernel);
      checkWhole(what, backward, kernel);
    }
  }

  @Test
  void adaptiveWindowsCoverTheAxis() {
    for (int i = 0; i < 500; i++) {
      int in = upTo(40);
      int out = upTo(40);
      Axis forward = Axis.adaptive(in, out);
      Axis backward = Axis.adaptiveBackward(out, in);
      String what = "seed " + seed + ", case " + i + ": " + in + " to " + out;
      List<List<List<Integer>>> readers = new ArrayList<>();
      for (int at = 0; at < in; at++) {
        readers.add(new ArrayList<>());
      }
      for (int position = 0; position < out; position++) {
        List<List<Integer>> reads = new ArrayList<>();
        for (int at = position * in / out; at < Math.ceilDiv((position + 1) * in, out); at++) {
          reads.add(List.of(0, at));
          readers.get(at).add(List.of(0, position));
        }
        check(what, forward, position, reads);
      }
      for (int at = 0; at < in; at++) {
        check(what, backward, at, readers.get(at));
      }
    }
  }

  @Test
  void scalesAreOneOverThePixelsThatCount() {
    for (int i = 0; i < 500; i++) {
      Window w = Window.of(upTo(5), upTo(5)).stride(upTo(3), upTo(3)).padding(upTo(4), upTo(4), upTo(4), upTo(4))
          .dilation(upTo(3), upTo(3));
      Shape x = Shape.of(1, 1, upTo(9), upTo(9));
      Shape y = Shape.of(1, 1, upTo(9), upTo(9));
      for (boolean padding : new boolean[] {false, true}) {
        float[] scales = PoolGeometry.scales(w, padding, x, y);
        for (int position = 0; position < scales.length; position++) {
          int count = 0;
          for (int r = 0; r < w.kernelH(); r++) {
            for (int c = 0; c < w.kernelW(); c++) {
              int row = w.rowOf(position / y.dim(3)) + r * w.dilationH();
              int column = w.columnOf(position % y.dim(3)) + c * w.dilationW();
              boolean inside = row >= (padding ? -w.top() : 0) && row < x.dim(2) + (padding ? w.bottom() : 0)
                  && column >= (padding ? -w.left() : 0) && column < x.dim(3) + (padding ? w.right() : 0);
              count += inside ? 1 : 0;
            }
          }
          assertThat(scales[position]).as("seed %d, case %d: %s on %s", seed, i, w, x).isEqualTo(1f / Math.max(1, count));
        }
      }
    }
  }

  /** Compares with pairs of a kernel element and an input position. */
  private static void check(String what, Axis axis, int position, List<List<Integer>> reads) {
    List<List<Integer>> got = axis.taps(axis.classOf(position)).stream()
        .map(tap -> List.of(tap.element(), axis.base(position) + tap.offset()))
        .toList();
    assertThat(got).as("%s, position %d", what, position).isEqualTo(reads);
    assertThat(axis.tapCounts()[position]).as(what).isEqualTo(reads.size());
    for (int k = 0; k < reads.size(); k++) {
      assertThat(axis.firstReads()[position] + k * axis.readStride()).as(what).isEqualTo(reads.get(k).get(1));
    }
    assertThat(axis.positions(axis.classOf(position))).as(what).contains(position);
  }

  private static void checkWhole(String what, Axis axis, int kernel) {
    int[] readers = new int[kernel];
    for (int position = 0; position < axis.size(); position++) {
      axis.taps(axis.classOf(position)).forEach(tap -> readers[tap.element()]++);
    }
    assertThat(axis.readerCounts()).as(what).isEqualTo(readers);
    for (int positionClass = 0; positionClass < axis.classCount(); positionClass++) {
      assertThat(axis.positions(positionClass)).as(what).isSorted().doesNotHaveDuplicates();
    }
    for (int a = 0; a < axis.classCount(); a++) {
      for (int b = 0; b < a; b++) {
        assertThat(axis.taps(a)).as(what).isNotEqualTo(axis.taps(b));
      }
    }
  }
}

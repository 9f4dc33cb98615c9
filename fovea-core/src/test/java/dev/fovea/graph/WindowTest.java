package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
  @ParameterizedTest(name = "{0} pixels, kernel {1} stride {2} pads {3},{4} dilation {5}: {6}, with ceil {7}")
  @CsvSource({
      // size, kernel, stride, before, after, dilation, floor, ceil
      "1, 1, 1, 0, 0, 1, 1, 1",
      "28, 5, 1, 0, 0, 1, 24, 24",
      "28, 5, 1, 2, 2, 1, 28, 28",
      "224, 7, 2, 3, 3, 1, 112, 113",
      "227, 11, 4, 0, 0, 1, 55, 55",
      "55, 3, 2, 0, 0, 1, 27, 27",
      "112, 3, 2, 0, 0, 1, 55, 56",
      "56, 3, 2, 0, 0, 1, 27, 28",
      "112, 3, 2, 1, 1, 1, 56, 57",
      "5, 2, 2, 0, 0, 1, 2, 3",
      "4, 2, 2, 0, 0, 1, 2, 2",
      // a last window that would start in the padding at the end is dropped
      "6, 2, 2, 1, 1, 1, 4, 4",
      "7, 2, 2, 1, 1, 1, 4, 4",
      "3, 1, 2, 0, 1, 1, 2, 2",
      "4, 1, 3, 0, 0, 1, 2, 2",
      "5, 1, 3, 0, 0, 1, 2, 2",
      "5, 2, 3, 0, 0, 1, 2, 2",
      "9, 2, 3, 0, 0, 1, 3, 3",
      "10, 2, 3, 0, 0, 1, 3, 4",
      "9, 3, 1, 0, 0, 2, 5, 5",
      "9, 3, 1, 2, 2, 2, 9, 9",
      "9, 3, 2, 0, 1, 3, 2, 3",
      "1, 3, 1, 1, 1, 1, 1, 1",
      "1, 3, 2, 1, 1, 1, 1, 1",
      "2, 2, 7, 0, 0, 1, 1, 1",
      "32768, 32768, 32768, 0, 0, 1, 1, 1",
  })
  void outputSizes(int size, int kernel, int stride, int before, int after, int dilation, int floor, int ceil) {
    Window rows = Window.of(kernel, 1).stride(stride, 1).padding(before, 0, after, 0).dilation(dilation, 1);
    Window columns = Window.of(1, kernel).stride(1, stride).padding(0, before, 0, after).dilation(1, dilation);
    assertThat(rows.outH(size)).isEqualTo(floor);
    assertThat(columns.outW(size)).isEqualTo(floor);
    assertThat(rows.outW(5)).isEqualTo(5);
    assertThat(rows.ceil(true).outH(size)).isEqualTo(ceil);
    assertThat(columns.ceil(true).outW(size)).isEqualTo(ceil);
  }

  @Test
  void theLastWindowOfAFloorIsInsideThePaddedInput() {
    for (int size = 1; size < 20; size++) {
      for (int kernel = 1; kernel < 5; kernel++) {
        for (int stride = 1; stride < 6; stride++) {
          for (int pad = 0; pad < 4; pad++) {
            Window w = Window.of(kernel).stride(stride).padding(pad, 0, 0, pad);
            if (size + pad >= kernel) {
              int last = w.rowOf(w.outH(size) - 1) + kernel - 1;
              assertThat(last).isBetween(size - stride, size - 1);
              assertThat(w.columnOf(w.outW(size) - 1) + kernel - 1).isBetween(size + pad - stride, size + pad - 1);
            }
          }
        }
      }
    }
  }

  @Test
  void windowsStartByStrideAndPadding() {
    Window w = Window.of(3).stride(2, 4).padding(1, 2, 0, 0).dilation(2, 3);
    assertThat(w.rowOf(0)).isEqualTo(-1);
    assertThat(w.rowOf(3)).isEqualTo(5);
    assertThat(w.columnOf(3)).isEqualTo(10);
    assertThat(w.extentH()).isEqualTo(5);
    assertThat(w.extentW()).isEqualTo(7);
  }

  @Test
  void windowsOverlapTheImageIfAnElementIsInIt() {
    Random random = new Random(1);
    int missing = 0;
    for (int i = 0; i < 3000; i++) {
      Window w = Window.of(1 + random.nextInt(3)).stride(1 + random.nextInt(4)).dilation(1 + random.nextInt(9))
          .padding(random.nextInt(12)).ceil(random.nextBoolean());
      int size = 1 + random.nextInt(9);
      if (size + 2 * w.top() < w.extentH()) {
        continue;
      }
      boolean all = IntStream.range(0, w.outH(size)).allMatch(row -> IntStream.range(0, w.kernelH())
          .map(element -> w.rowOf(row) + element * w.dilationH())
          .anyMatch(at -> at >= 0 && at < size));
      assertThat(w.overlaps(size, size)).as("%s on %d", w, size).isEqualTo(all);
      missing += all ? 0 : 1;
    }
    assertThat(missing).isBetween(300, 2700);
  }

  @Test
  void theLargestSizesDoNotOverflow() {
    Window w = Window.of(3).padding(32768);
    assertThat(Window.of(3).padding(1).outH(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    assertThatThrownBy(() -> w.outH(Integer.MAX_VALUE))
        .hasMessageContaining("an output height of 2147549181, more than 2^31 - 1");
    assertThat(Window.of(3).stride(2).padding(1).overlaps(2_000_000_000, 2_000_000_000)).isTrue();
  }

  @Test
  void aSingleAxisKeepsItsGeometry() {
    Window w = Window.of(3, 5).stride(2, 4).padding(1, 2, 0, 3).dilation(2, 1).ceil(true);
    assertThat(w.rows()).hasToString("3x1 stride 2x1 padding 1,0,0,0 dilation 2x1 ceil");
    assertThat(w.columns()).hasToString("1x5 stride 1x4 padding 0,2,0,3 ceil");
    assertThat(w.rows().outH(20)).isEqualTo(w.outH(20));
    assertThat(w.columns().outW(20)).isEqualTo(w.outW(20));
    assertThat(w.rows().outW(20)).isEqualTo(20);
  }

  @Test
  void anInputSmallerThanTheWindowReportsTheNeededSize() {
    assertThatThrownBy(() -> Window.of(5, 3).padding(1).outH(2))
        .isInstanceOf(FoveaException.class)
        .hasMessage("a window of 5x3 needs an input height of 3 or more, got 2");
    assertThatThrownBy(() -> Window.of(1, 3).dilation(2).outW(4))
        .hasMessage("a window of 1x3 needs an input width of 5 or more, got 4");
  }

  @Test
  void invalidSizesAreRefused() {
    String positive = "a window's kernel, stride and dilation must be 1 or more";
    assertThatThrownBy(() -> Window.of(0)).isInstanceOf(FoveaException.class).hasMessage(positive);
    assertThatThrownBy(() -> Window.of(3).stride(1, 0)).isInstanceOf(FoveaException.class).hasMessage(positive);
    assertThatThrownBy(() -> Window.of(3).dilation(-1)).isInstanceOf(FoveaException.class).hasMessage(positive);
    assertThatThrownBy(() -> Window.of(3).padding(0, 0, -1, 0))
        .isInstanceOf(FoveaException.class)
        .hasMessage("a window's padding must be 0 or more");
    String limit = "a window's sizes must be at most 32768";
    assertThatThrownBy(() -> Window.of(1, 32769)).isInstanceOf(FoveaException.class).hasMessage(limit);
    assertThatThrownBy(() -> Window.of(1).stride(Integer.MAX_VALUE)).isInstanceOf(FoveaException.class).hasMessage(limit);
    assertThatThrownBy(() -> Window.of(1).padding(Integer.MAX_VALUE)).isInstanceOf(FoveaException.class).hasMessage(limit);
    assertThatThrownBy(() -> Window.of(1).dilation(1 << 20)).isInstanceOf(FoveaException.class).hasMessage(limit);
  }

  @Test
  void textShowsOnlyWhatIsUnusual() {
    assertThat(Window.of(3)).hasToString("3x3");
    assertThat(Window.of(1, 7).padding(0, 3, 0, 3)).hasToString("1x7 padding 0,3,0,3");
    assertThat(Window.of(3).stride(2).padding(1).ceil(true)).hasToString("3x3 stride 2 padding 1 ceil");
    assertThat(Window.of(3).stride(2, 1).dilation(1, 4)).hasToString("3x3 stride 2x1 dilation 1x4");
  }
}

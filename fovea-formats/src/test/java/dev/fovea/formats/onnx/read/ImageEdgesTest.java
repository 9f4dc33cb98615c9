package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Windows, resizing and attention at the edges of what they read. */
class ImageEdgesTest {
  @Test
  void aLastPartialWindowOfANormHasNoMoreThanItsElements() {
    Nets net = new Nets(18).input("x", 1, 1, 3, 1)
        .node("y = LpPool x", "kernel_shape", new int[] {2, 1}, "strides", new int[] {2, 1}, "p", 1, "ceil_mode", 1).output("y");
    assertThat(net.result(Map.of("x", new float[] {1, -2, 3}))).containsExactly(3, 3);
  }

  @Test
  void windowsOfANormBetweenPixelsAreRefused() {
    Nets net = new Nets(18).input("x", 1, 1, 4, 1)
        .node("y = LpPool x", "kernel_shape", new int[] {1, 1}, "strides", new int[] {2, 1}, "ceil_mode", 1).output("y");
    assertThatThrownBy(net::read).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("net.onnx: node 'n_y' (LpPool): ceil_mode with strides beyond the kernel");
  }

  @Test
  void nearestPixelsOfSmallerImagesBeforeOpset11() {
    Nets net = new Nets(10).input("x", 1, 1, 1, 4).floats("s", Shape.of(4), 1, 1, 1, 0.7f)
        .node("y = Resize x s", "mode", "nearest").output("y");
    assertThat(net.result(Map.of("x", new float[] {0, 1, 2, 3}))).containsExactly(0, 2);
  }

  @Test
  void blocksOfPixelsPerChannel() {
    Nets net = new Nets(28).input("x", 1, 2, 1, 2).node("r = Concat x x", "axis", 2)
        .node("y = SpaceToDepth r", "blocksize", 2, "mode", "CRD").output("y");
    assertThat(net.result(Map.of("x", new float[] {1, 2, 3, 4}))).containsExactly(1, 2, 1, 2, 3, 4, 3, 4);
  }

  @Test
  void aQueryThatSeesNothingIsZero() {
    Nets net = new Nets(23).input("q", 1, 1, 2, 1).input("m", 2, 1).node("b = Cast m", "to", OnnxType.BOOL.number())
        .node("y = Attention q q q b").output("y");
    assertThat(net.result(Map.of("q", new float[] {1, 2}, "m", new float[] {1, 0}))[1]).isZero();
  }

  @Test
  void aQuerySeesItsWindow() {
    Nets net = new Nets(25).input("q", 1, 1, 3, 1)
        .node("y = Attention q q q", "left_window_size", 0, "right_window_size", 0).output("y");
    assertThat(net.result(Map.of("q", new float[] {1, 2, 5}))).containsExactly(1, 2, 5);
  }
}

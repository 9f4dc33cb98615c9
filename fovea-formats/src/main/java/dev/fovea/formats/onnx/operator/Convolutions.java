package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.call.Windows;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.Map;

/** Convolutions and transposed convolutions. */
final class Convolutions {
  private Convolutions() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Conv", Rule.of(Convolutions::conv));
    rules.put("ConvTranspose", Rule.of(Convolutions::transposed));
  }

  /** The kernel's sizes: of the attribute, or of the weight. */
  private static int[] kernel(Call c) {
    Shape weight = c.shape(1);
    int[] sizes = weight.dims().stream().skip(2).mapToInt(Integer::intValue).toArray();
    int[] given = c.ints("kernel_shape", sizes.length, 0);
    if (c.node().has("kernel_shape") && !Arrays.equals(given, sizes)) {
      throw new Refusal("expects a weight of the kernel " + Arrays.toString(given) + ", got " + weight);
    }
    return sizes;
  }

  static Value conv(Call c) {
    Value x = c.value(0);
    Windows w = Windows.of(c, c.g().shape(x), kernel(c));
    Window window = w.image();
    return IntegerSums.conv(c, x, window).orElseGet(() -> {
      Op op = new Op.Conv(window, c.integer("group", 1));
      Value weight = Windows.weight(c, 1);
      return Windows.onImages(c.g(), x,
          image -> c.has(2) ? c.g().op(op, image, weight, c.weight(2)) : c.g().op(op, image, weight));
    });
  }

  /**
   * The output's size is {@code stride (in - 1) + output_padding + extent - pads}; where it is given instead, the pads follow from
   * it.
   */
  private static Value transposed(Call c) {
    Value x = c.value(0);
    Shape shape = c.g().shape(x);
    int[] kernel = kernel(c);
    Windows w = Windows.of(c, shape, kernel);
    int axes = w.axes();
    int[] before = w.before();
    int[] after = w.after();
    int[] extra = c.ints("output_padding", axes, 0);
    long[] sizes = c.integers("output_shape");
    if (sizes != null && sizes.length < axes) {
      throw new Refusal("expects an output_shape of " + axes + " sizes, got " + sizes.length);
    }
    String auto = c.node().text("auto_pad", "NOTSET");
    for (int i = 0; i < axes; i++) {
      long full = (shape.dim(2 + i) - 1L) * w.stride()[i] + w.dilation()[i] * (kernel[i] - 1L) + 1;
      boolean same = auto.startsWith("SAME");
      if (sizes != null || same) {
        long wanted = sizes == null ? (long) shape.dim(2 + i) * w.stride()[i] : sizes[sizes.length - axes + i];
        int total = Math.toIntExact(full + extra[i] - wanted);
        int half = Math.floorDiv(total, 2);
        before[i] = Math.max(0, auto.equals("SAME_UPPER") ? half : total - half);
        after[i] = total - before[i];
      }
      // output padding only takes padding back where there is some
      int kept = Math.min(extra[i], Math.max(0, after[i]));
      after[i] -= kept;
      extra[i] -= kept;
      if (after[i] < 0) {
        extra[i] -= after[i];
        after[i] = 0;
      }
    }
    Window window = w.padding(before, after).image().ceil(false);
    Op op = new Op.ConvTranspose(window, c.integer("group", 1), axes == 1 ? 0 : extra[0], extra[axes - 1]);
    Value weight = Windows.weight(c, 1);
    return Windows.onImages(c.g(), x,
        image -> c.has(2) ? c.g().op(op, image, weight, c.weight(2)) : c.g().op(op, image, weight));
  }

}

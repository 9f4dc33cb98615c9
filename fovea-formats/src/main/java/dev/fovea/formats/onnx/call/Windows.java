package dev.fovea.formats.onnx.call;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The sliding window of a node, as ONNX's attributes give it: for each axis of an image the kernel's size, stride, dilation and
 * padding. A window of one axis is one of two axes that is one row high.
 */
public record Windows(int[] kernel, int[] stride, int[] dilation, int[] before, int[] after, boolean ceil) {
  private static final int IMAGE = 2;

  /**
   * The window over x.
   *
   * @param kernel the kernel's sizes
   */
  public static Windows of(Call c, Shape x, int[] kernel) {
    int axes = kernel.length;
    if (x.rank() != axes + IMAGE) {
      throw new Refusal("expects a kernel of " + (x.rank() - IMAGE) + " axes for " + x + ", got one of " + axes);
    }
    int[] stride = c.ints("strides", axes, 1);
    int[] dilation = c.ints("dilations", axes, 1);
    int[] pads = c.ints("pads", 2 * axes, 0);
    int[] before = Arrays.copyOf(pads, axes);
    int[] after = Arrays.copyOfRange(pads, axes, 2 * axes);
    for (int i = 0; i < axes; i++) {
      if (stride[i] < 1 || dilation[i] < 1 || kernel[i] < 1) {
        throw new Refusal("expects a kernel, strides and dilations of 1 or more");
      }
    }
    String auto = c.node().text("auto_pad", "NOTSET");
    boolean ceil = c.flag("ceil_mode", false);
    switch (auto) {
      case "NOTSET" -> {
      }
      case "VALID" -> {
        Arrays.fill(before, 0);
        Arrays.fill(after, 0);
      }
      case "SAME_UPPER", "SAME_LOWER" -> {
        for (int i = 0; i < axes; i++) {
          int size = x.dim(IMAGE + i);
          long total = (Math.ceilDiv(size, stride[i]) - 1L) * stride[i] + dilation[i] * (kernel[i] - 1L) + 1 - size;
          int pad = Math.toIntExact(Math.max(0, total));
          before[i] = auto.equals("SAME_UPPER") ? pad / 2 : pad - pad / 2;
          after[i] = pad - before[i];
        }
        ceil = false;
      }
      default -> throw new Refusal("auto_pad " + Quote.quote(auto) + " is not supported");
    }
    return new Windows(kernel, stride, dilation, before, after, ceil);
  }

  public int axes() {
    return kernel.length;
  }

  public Windows padding(int[] before, int[] after) {
    return new Windows(kernel, stride, dilation, before, after, ceil);
  }

  /** The window over rows and columns. */
  public Window image() {
    if (axes() < 1 || axes() > IMAGE) {
      throw new Refusal(axes() + "-D windows are not supported, 1-D and 2-D ones are");
    }
    int last = axes() - 1;
    boolean flat = axes() == 1;
    return Window.of(flat ? 1 : kernel[0], kernel[last])
        .stride(flat ? 1 : stride[0], stride[last])
        .padding(flat ? 0 : before[0], before[last], flat ? 0 : after[0], after[last])
        .dilation(flat ? 1 : dilation[0], dilation[last])
        .ceil(ceil);
  }

  /** {@code [N, C, L]} as {@code [N, C, 1, L]}. */
  public static Value raised(Compose g, Value x) {
    return g.rank(x) == 3 ? g.unsqueeze(x, List.of(2)) : x;
  }

  /** What the body does with images, for x of one axis as images one row high. */
  public static Value onImages(Compose g, Value x, UnaryOperator<Value> body) {
    return g.rank(x) == 3 ? g.squeeze(body.apply(raised(g, x)), List.of(2)) : body.apply(x);
  }

  /** The weight {@code [K, C, l]} as {@code [K, C, 1, l]}. */
  public static Value weight(Call c, int index) {
    if (c.shape(index).rank() != 3) {
      return c.weight(index);
    }
    return c.constant(index).map(array -> c.weight(raised(array), index)).orElseGet(() -> raised(c.g(), c.value(index)));
  }

  private static Array raised(Array array) {
    return array.reshaped(array.dim(0), array.dim(1), 1, array.dim(2));
  }

  /**
   * A window of more axes whose kernel is 1 along all but one or two: the others are merged into one, so that it becomes a window
   * over rows and columns.
   */
  public static Value onMerged(Compose g, Value x, Windows w, java.util.function.BiFunction<Value, Windows, Value> body) {
    int[] used = IntStream.range(0, w.axes())
        .filter(i -> w.kernel[i] != 1 || w.stride[i] != 1 || w.before[i] != 0 || w.after[i] != 0)
        .toArray();
    if (w.axes() <= IMAGE) {
      return body.apply(x, w);
    }
    if (used.length > 1) {
      throw new Refusal(w.axes() + "-D windows are not supported, 1-D and 2-D ones are");
    }
    int axis = used.length == 0 ? 0 : used[0];
    Shape shape = g.shape(x);
    int rows = IMAGE + axis;
    // [N, C, a, H, b, c] becomes [N, C a, H, b c]
    Value merged = g.reshape(x, new Dim.Axis(0), new Dim.Size(shape.sizeFrom(1) / shape.sizeFrom(rows)), new Dim.Axis(rows),
        new Dim.Rest());
    Windows flat = new Windows(new int[] {w.kernel[axis], 1}, new int[] {w.stride[axis], 1}, new int[] {w.dilation[axis], 1},
        new int[] {w.before[axis], 0}, new int[] {w.after[axis], 0}, w.ceil);
    Value y = body.apply(merged, flat);
    Dim[] dims = new Dim[shape.rank()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = i == 0 ? new Dim.Axis(0) : i == rows ? new Dim.Axis(2) : new Dim.Size(shape.dim(i));
    }
    return g.reshape(y, dims);
  }
}

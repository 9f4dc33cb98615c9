package dev.fovea.formats.onnx.write;

import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Convolutions and pools. */
final class Windows {
  private final NodeList to;
  private final List<String> in;

  Windows(NodeList to, List<String> in) {
    this.to = to;
    this.in = in;
  }

  private static NodeList.Call shaped(NodeList.Call call, Window w) {
    return call.integers("kernel_shape", w.kernelH(), w.kernelW()).integers("strides", w.strideH(), w.strideW())
        .integers("pads", w.top(), w.left(), w.bottom(), w.right());
  }

  private static NodeList.Call dilated(NodeList.Call call, Window w) {
    return shaped(call, w).integers("dilations", w.dilationH(), w.dilationW());
  }

  String conv(Op.Conv conv) {
    return dilated(to.call("Conv", in), conv.window()).integer("group", conv.groups()).value();
  }

  String convTranspose(Op.ConvTranspose conv) {
    NodeList.Call call = dilated(to.call("ConvTranspose", in), conv.window()).integer("group", conv.groups());
    return call.integers("output_padding", conv.extraH(), conv.extraW()).value();
  }

  /**
   * Where a last window might start behind the image, it does not exist here, but does in ONNX's own arithmetic of sizes. All windows
   * that start in the image are then counted by rounding down and padding that only the last one can read.
   */
  private static Window withoutEmptyWindows(Window w) {
    boolean plain = w.ceil() && w.dilationH() == 1 && w.dilationW() == 1;
    if (plain && w.bottom() + w.strideH() > w.kernelH() && w.right() + w.strideW() > w.kernelW()) {
      return w.ceil(false).padding(w.top(), w.left(), w.kernelH() - 1, w.kernelW() - 1);
    }
    return w;
  }

  private NodeList.Call maxPool(String x, Window window) {
    Window w = withoutEmptyWindows(window);
    return dilated(to.call("MaxPool", x), w).integer("ceil_mode", w.ceil() ? 1 : 0);
  }

  String maxPool(Window w) {
    return maxPool(in.getFirst(), w).value();
  }

  /**
   * A pool that rounds up counts only what is there. Runtimes disagree about that where there is padding too, and before opset 19
   * there is no dilation, so such a pool is a sum divided by the number of elements.
   */
  String averagePool(Window w, boolean countPadding, Shape shape) {
    boolean padded = w.top() + w.left() + w.bottom() + w.right() > 0;
    boolean dilated = w.dilationH() > 1 || w.dilationW() > 1;
    if (dilated || w.ceil() && padded) {
      return countedPool(w, countPadding, shape);
    }
    Window all = withoutEmptyWindows(w);
    return shaped(to.call("AveragePool", in), all).integer("ceil_mode", all.ceil() ? 1 : 0)
        .integer("count_include_pad", countPadding && padded ? 1 : 0).value();
  }

  private String countedPool(Window w, boolean countPadding, Shape shape) {
    String x = in.getFirst();
    String ones = to.add("Expand", to.number(1), to.concat(to.integers(1, 1), to.sizes(x, 2, 4)));
    String padding = to.integers(0, 0, w.top(), w.left(), 0, 0, w.bottom(), w.right());
    String counted = to.add("Pad", ones, padding, to.number(countPadding ? 1 : 0));
    // Rows and columns that rounding up adds beyond the padding, until the last window fits.
    int moreH = more(w.outH(shape.dim(2)), w.strideH(), w.extentH(), shape.dim(2) + w.top() + w.bottom());
    int moreW = more(w.outW(shape.dim(3)), w.strideW(), w.extentW(), shape.dim(3) + w.left() + w.right());
    String beyond = to.integers(0, 0, 0, 0, 0, 0, moreH, moreW);
    String image = to.add("Pad", to.add("Pad", x, padding), beyond);
    Window plain = w.padding(0).ceil(false);
    int channels = shape.dim(1);
    String weight = to.filled(Shape.of(1, 1, w.kernelH(), w.kernelW()), 1);
    String weights = to.add("Expand", weight, to.integers(channels, 1, w.kernelH(), w.kernelW()));
    String sums = dilated(to.call("Conv", image, weights), plain).integer("group", channels).value();
    String counts = dilated(to.call("Conv", to.add("Pad", counted, beyond), weight), plain).value();
    return to.add("Div", sums, to.add("Max", counts, to.number(1)));
  }

  private static int more(int out, int stride, int extent, int size) {
    return Math.max(0, (out - 1) * stride + extent - size);
  }

  String adaptiveAveragePool(int h, int w, Shape shape) {
    if (h == 1 && w == 1) {
      return to.add("GlobalAveragePool", in.getFirst());
    }
    if (divides(h, w, shape)) {
      return shaped(to.call("AveragePool", in), dividing(h, w, shape)).value();
    }
    return to.add("MatMul", to.add("MatMul", means(2, h), in.getFirst()),
        to.call("Transpose", means(3, w)).integers("perm", 1, 0).value());
  }

  String adaptiveMaxPool(int h, int w, Shape shape) {
    String x = in.getFirst();
    if (h == 1 && w == 1) {
      return to.add("GlobalMaxPool", x);
    }
    if (divides(h, w, shape)) {
      return shaped(to.call("MaxPool", in), dividing(h, w, shape)).value();
    }
    String none = to.number(Double.NEGATIVE_INFINITY);
    // [h, H, 1] of the rows that a window reads, onto [N, C, 1, H, W]
    String rows =
        to.add("Where", to.add("Unsqueeze", windows(2, h), to.integers(2)), to.add("Unsqueeze", x, to.integers(2)), none);
    String pooled = to.call("ReduceMax", rows).integers("axes", 3).integer("keepdims", 0).value();
    // [w, W] of the columns, onto [N, C, h, 1, W]
    String columns = to.add("Where", windows(3, w), to.add("Unsqueeze", pooled, to.integers(3)), none);
    return to.call("ReduceMax", columns).integers("axes", 4).integer("keepdims", 0).value();
  }

  /** Whether all windows of an adaptive pool have the same size, and the image will keep its own. */
  private boolean divides(int h, int w, Shape x) {
    return !to.anySize() && x.dim(2) % h == 0 && x.dim(3) % w == 0;
  }

  private static Window dividing(int h, int w, Shape x) {
    return Window.of(x.dim(2) / h, x.dim(3) / w).stride(x.dim(2) / h, x.dim(3) / w);
  }

  /** For each of {@code count} adaptive windows the weights of the axis' positions in its mean: {@code [count, size of the axis]}. */
  private String means(int axis, int count) {
    String inside = to.toFloat(windows(axis, count));
    return to.add("Div", inside, to.call("ReduceSum", inside, to.integers(1)).integer("keepdims", 1).value());
  }

  /** Which positions of the axis are in each window: from {@code floor(i size / count)} to {@code ceil((i + 1) size / count)}. */
  private String windows(int axis, int count) {
    String size = to.size(in.getFirst(), axis);
    String positions = to.add("Range", to.integer(0), size, to.integer(1));
    long[] starts = new long[count];
    long[] ends = new long[count];
    for (int i = 0; i < count; i++) {
      starts[i] = i;
      ends[i] = i + 1L;
    }
    String from = to.add("Div", to.add("Mul", to.integers(starts), size), to.integer(count));
    String before = to.add("Add", to.add("Mul", to.integers(ends), size), to.integer(count - 1L));
    String end = to.add("Div", before, to.integer(count));
    String after = to.add("Not", to.add("Less", positions, to.add("Unsqueeze", from, to.integers(1))));
    return to.add("And", after, to.add("Less", positions, to.add("Unsqueeze", end, to.integers(1))));
  }

  /** The first maximum of each window, as its index among all elements. */
  private String winners(String x, Window w) {
    return maxPool(x, w).values(2).get(1);
  }

  /** Whether windows share elements, so that several values may be added at the same place. */
  static boolean overlap(Window w) {
    return w.strideH() < w.extentH() || w.strideW() < w.extentW();
  }

  /** ONNX's MaxUnpool neither adds nor dilates nor rounds up; else the values are added at the winners of an image of zeros. */
  String maxUnpool(Window w) {
    String x = in.getFirst();
    String winners = winners(x, w);
    if (!overlap(w) && w.dilationH() == 1 && w.dilationW() == 1 && !w.ceil()) {
      return shaped(to.call("MaxUnpool", in.get(1), winners, to.shape(x)), w).value();
    }
    String zeros = to.add("Expand", to.number(0), to.add("Shape", flat(x)));
    NodeList.Call scatter = to.call("ScatterElements", zeros, flat(winners), flat(in.get(1))).integer("axis", 0);
    return to.add("Reshape", (overlap(w) ? scatter.text("reduction", "add") : scatter).value(), to.shape(x));
  }

  String maxPick(Window w) {
    String winners = winners(in.getFirst(), w);
    String picked = to.call("Gather", flat(in.get(1)), flat(winners)).integer("axis", 0).value();
    return to.add("Reshape", picked, to.shape(winners));
  }

  private String flat(String x) {
    return to.add("Reshape", x, to.integers(-1));
  }

  /** The image's elements under each kernel element, as one matrix for each position of the output, times that position's weights. */
  String localConv(Window w, List<Shape> shapes) {
    Shape weight = shapes.get(1);
    int ho = weight.dim(0);
    int wo = weight.dim(1);
    int filters = weight.dim(2);
    String padded = to.add("Pad", in.getFirst(), to.integers(0, 0, w.top(), w.left(), 0, 0, w.bottom(), w.right()));
    List<String> taps = new ArrayList<>();
    for (int i = 0; i < w.kernelH() * w.kernelW(); i++) {
      long row = (long) i / w.kernelW() * w.dilationH();
      long column = (long) i % w.kernelW() * w.dilationW();
      String starts = to.integers(row, column);
      String ends = to.integers(row + (ho - 1L) * w.strideH() + 1, column + (wo - 1L) * w.strideW() + 1);
      String tap = to.add("Slice", padded, starts, ends, to.integers(2, 3), to.integers(w.strideH(), w.strideW()));
      taps.add(to.add("Unsqueeze", tap, to.integers(2)));
    }
    String columns = to.call("Concat", taps).integer("axis", 2).value();
    long inner = (long) weight.dim(3) * taps.size();
    String byPosition =
        to.call("Transpose", to.add("Reshape", columns, to.integers(0, inner, (long) ho * wo))).integers("perm", 2, 0, 1)
            .value();
    String weights = to.add("Reshape", in.get(1), to.integers((long) ho * wo, filters, inner));
    String product = to.add("MatMul", byPosition, to.call("Transpose", weights).integers("perm", 0, 2, 1).value());
    String images = to.call("Transpose", product).integers("perm", 1, 2, 0).value();
    return to.add("Reshape", images, to.integers(0, filters, ho, wo));
  }
}

package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Origins;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.call.Windows;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Poolings, over windows and over whole images. */
final class Pools {
  private Pools() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("MaxPool", Pools::max);
    rules.put("AveragePool", Rule.of(c -> average(c, c.value(0))));
    rules.put("LpPool", Rule.of(Pools::norm));
    rules.put("GlobalAveragePool", Rule.of(c -> c.g().mean(c.value(0), image(c))));
    rules.put("GlobalMaxPool", Rule.of(c -> image(c).size() == 2
        ? c.g().op(new Op.AdaptiveMaxPool(1, 1), c.value(0))
        : c.g().largest(c.value(0), image(c))));
    rules.put("GlobalLpPool", Rule.of(c -> {
      int p = c.integer("p", 2);
      return root(c.g(), c.g().sum(power(c.g(), c.value(0), p), image(c)), p);
    }));
    rules.put("MaxUnpool", Rule.of(Pools::unpool));
  }

  /** The axes after the channels. */
  private static List<Integer> image(Call c) {
    return IntStream.range(2, c.shape(0).rank()).boxed().toList();
  }

  private static Windows window(Call c) {
    return window(c, c.shape(0));
  }

  private static Windows window(Call c, Shape x) {
    long[] kernel = c.integers("kernel_shape");
    if (kernel == null) {
      throw new Refusal("expects kernel_shape");
    }
    return Windows.of(c, x, c.ints("kernel_shape", kernel.length, 1));
  }

  private static List<Known> max(Call c) {
    Value x = c.value(0);
    Windows w = window(c);
    Value y = Windows.onMerged(c.g(), x, w,
        (merged, flat) -> Windows.onImages(c.g(), merged, image -> c.g().op(new Op.MaxPool(flat.image()), image)));
    List<Known> results = new ArrayList<>(c.result(y));
    if (c.wants(1)) {
      Value image = Windows.raised(c.g(), x);
      Value indices = indices(c, image, w.image());
      Value flat = c.g().rank(x) == 3 ? c.g().squeeze(indices, List.of(2)) : indices;
      c.context().origins().winners().put(flat, new Origins.Winners(w.image(), x, c.otherShape(0)));
      results.add(c.known(flat, OnnxType.INT64));
    }
    return results;
  }

  /** The position of each window's maximum in all of x. */
  private static Value indices(Call c, Value x, Window window) {
    Shape shape = c.g().shape(x);
    int h = shape.dim(2);
    int w = shape.dim(3);
    boolean columnMajor = c.flag("storage_order", false);
    double[] pixels = Call.numbers((long) h * w);
    Arrays.setAll(pixels, i -> columnMajor ? i % w * h + i / w : i);
    Value positions = c.computed(Array.reals(OnnxType.FLOAT, new int[] {1, 1, h, w}, pixels));
    double[] planes = IntStream.range(0, shape.dim(0) * shape.dim(1)).mapToDouble(i -> (double) i * h * w).toArray();
    Value starts = c.computed(Array.reals(OnnxType.FLOAT, new int[] {shape.dim(0), shape.dim(1), 1, 1}, planes));
    Value all = c.g().add(c.g().zerosLike(x), positions);
    return c.g().add(c.g().op(new Op.MaxPick(window), x, all), starts);
  }

  /** The max pool's values at the positions that they had; only with the indices of a MaxPool of the same network. */
  private static Value unpool(Call c) {
    Origins.Winners from = c.operand(1) instanceof Known.Computed(Value indices, _)
        ? c.context().origins().winners().get(indices)
        : null;
    if (from == null || c.g().rank(from.x()) != 4) {
      throw new Refusal("expects the indices that a 2-D MaxPool of this network computes");
    }
    if (c.has(2) && !c.constant(2, "output_shape").shape().equals(List.of(4))) {
      throw new Refusal("expects an output_shape of 4 sizes");
    }
    Value y = c.g().op(new Op.MaxUnpool(from.window()), from.x(), c.value(0));
    long[] sizes = c.has(2) ? c.integers(2, "output_shape") : null;
    if (sizes != null && !Arrays.equals(sizes, c.g().shape(y).dims().stream().mapToLong(Integer::longValue).toArray())) {
      throw new Refusal("expects the size that was pooled, " + c.g().shape(y) + ", got " + Arrays.toString(sizes));
    }
    return y;
  }

  /** The means of windows over x, which has its channels before its height and width. */
  static Value average(Call c, Value x) {
    boolean counts = c.flag("count_include_pad", false);
    return Windows.onMerged(c.g(), x, window(c, c.g().shape(x)),
        (merged, w) -> Windows.onImages(c.g(), merged, image -> average(c.g(), image, w.image(), counts)));
  }

  /** Padding as wide as the kernel, which windows do not allow, is made part of the image if it counts. */
  private static Value average(Compose g, Value x, Window w, boolean counts) {
    boolean wide = Math.max(w.top(), w.bottom()) >= w.kernelH() || Math.max(w.left(), w.right()) >= w.kernelW();
    if (!wide || !counts) {
      return g.op(new Op.AveragePool(w, counts), x);
    }
    Value padded = g.pad(g.pad(x, 2, w.top(), w.bottom()), 3, w.left(), w.right());
    return g.op(new Op.AveragePool(w.padding(0), true), padded);
  }

  private static Value norm(Call c) {
    int p = c.opset() < 2 ? Math.round(c.node().number("p", 2)) : c.integer("p", 2);
    return Windows.onMerged(c.g(), c.value(0), window(c), (x, w) -> Windows.onImages(c.g(), x, image -> {
      Window window = whole(w.image(), c.g().shape(image));
      Value means = average(c.g(), power(c.g(), image, p), window, true);
      return root(c.g(), c.g().mul(means, (double) window.kernelH() * window.kernelW()), p);
    }));
  }

  /** The window with the padding that its last position reaches beyond the image, so that a mean has as many elements as others. */
  private static Window whole(Window w, Shape x) {
    if (!w.ceil()) {
      return w;
    }
    int below = w.strideH() - 1;
    int right = w.strideW() - 1;
    Window whole = w.padding(w.top(), w.left(), w.bottom() + below, w.right() + right).ceil(false);
    if (w.bottom() + below >= w.kernelH() || w.right() + right >= w.kernelW()) {
      throw new Refusal("ceil_mode with strides beyond the kernel and the padding is not supported, got " + w + " over " + x);
    }
    return whole;
  }

  /** {@code |x|^p}. */
  private static Value power(Compose g, Value x, int p) {
    return p == 1 ? g.abs(x) : p == 2 ? g.square(x) : g.op(new Op.Pow(p), p % 2 == 0 ? x : g.abs(x));
  }

  private static Value root(Compose g, Value x, int p) {
    return p == 1 ? x : g.op(new Op.Pow(1f / p), x);
  }
}

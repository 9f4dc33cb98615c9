package dev.fovea.formats.onnx.operator;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.call.Windows;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Pixels read at places that the network computes (spatial transformers), and windows written back into an image. */
final class Sampling {
  /** Pixels of an image, so that a float holds each one's position. */
  private static final int MAX_PIXELS = 1 << 24;

  private Sampling() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("GridSample", Rule.of(Sampling::gridSample));
    rules.put("AffineGrid", Rule.of(Sampling::affineGrid));
    rules.put("Col2Im", Rule.of(Sampling::columnsToImage));
  }

  /** What lies around an image. */
  private enum Padding {
    ZEROS, BORDER, REFLECTION
  }

  /** Pixels along one axis: whole-numbered positions, which may lie outside, and their weights. */
  private record Tap(Value position, Value weight) {}

  private static Value gridSample(Call c) {
    Compose g = c.g();
    Shape shape = c.shape(0);
    Shape places = c.shape(1);
    if (shape.rank() != 4 || places.rank() != 4 || places.dim(3) != 2 || places.dim(0) != shape.dim(0)) {
      throw new Refusal("expects images of 4 axes and a grid of N x H x W x 2, got " + shape + " and " + places);
    }
    int h = shape.dim(2);
    int w = shape.dim(3);
    if (shape.sizeFrom(2) > MAX_PIXELS) {
      throw new Refusal("images of more than 2^24 pixels are not supported, got " + shape);
    }
    boolean corners = c.flag("align_corners", false);
    Padding padding = switch (c.node().text("padding_mode", "zeros")) {
      case "zeros" -> Padding.ZEROS;
      case "border" -> Padding.BORDER;
      case "reflection" -> Padding.REFLECTION;
      default -> throw new Refusal("padding_mode " + Quote.quote(c.node().text("padding_mode", "")) + " is not supported");
    };
    Value grid = g.reshape(c.value(1), new Dim.Axis(0), new Dim.Size(1), new Dim.Rest(), new Dim.Size(2));
    List<Tap> columns = taps(c, coordinate(g, grid, 0, w, corners));
    List<Tap> rows = taps(c, coordinate(g, grid, 1, h, corners));
    Value pixels = g.reshape(c.value(0), new Dim.Axis(0), new Dim.Axis(1), new Dim.Rest());
    List<Value> parts = new ArrayList<>();
    for (Tap row : rows) {
      for (Tap column : columns) {
        Value at = g.add(g.mul(inside(g, row.position, h, padding, corners), w), inside(g, column.position, w, padding, corners));
        // the same place of each channel
        Value all = g.add(at, g.op(new Op.Fill(Shape.of(1, shape.dim(1), 1), 0)));
        Value weight = g.mul(row.weight, column.weight);
        if (padding == Padding.ZEROS) {
          weight = g.mul(weight, g.mul(isInside(g, row.position, h), isInside(g, column.position, w)));
        }
        parts.add(g.mul(g.op(new Op.GatherElements(2), pixels, all), weight));
      }
    }
    Value sum = parts.stream().reduce(g::add).orElseThrow();
    return g.reshape(sum, new Dim.Axis(0), new Dim.Axis(1), new Dim.Size(places.dim(1)), new Dim.Size(places.dim(2)));
  }

  /** The places along an axis in pixels, {@code [N, 1, H W]}: from -1 to 1 a grid spans the centres or the edges of the pixels. */
  private static Value coordinate(Compose g, Value grid, int index, int size, boolean corners) {
    Value given = g.squeeze(g.slice(grid, 3, index, index + 1), List.of(3));
    double half = (corners ? size - 1 : size) / 2.0;
    return g.add(g.mul(given, half), half - (corners ? 0 : 0.5));
  }

  private static List<Tap> taps(Call c, Value x) {
    Compose g = c.g();
    String mode = c.node().text("mode", "linear");
    return switch (mode) {
      case "nearest" -> List.of(new Tap(g.op(new Op.Round(), x), g.number(1)));
      case "linear", "bilinear" -> {
        Value first = g.floor(x);
        Value rest = g.sub(x, first);
        yield List.of(new Tap(first, g.not(rest)), new Tap(g.add(first, 1), rest));
      }
      case "cubic", "bicubic" -> {
        Value first = g.floor(x);
        Value rest = g.sub(x, first);
        List<Tap> taps = new ArrayList<>();
        for (int i = -1; i <= 2; i++) {
          taps.add(new Tap(g.add(first, i), cubic(g, g.abs(g.add(rest, -i)), i == 0 || i == 1)));
        }
        yield taps;
      }
      default -> throw new Refusal("mode " + Quote.quote(mode) + " is not supported");
    };
  }

  /** Keys' kernel (1981) with the parameter -0.75 at a distance of at most 1, or from 1 to 2. */
  private static Value cubic(Compose g, Value x, boolean near) {
    double a = -0.75;
    double[] factors = near ? new double[] {a + 2, -(a + 3), 0, 1} : new double[] {a, -5 * a, 8 * a, -4 * a};
    Value sum = g.number(factors[0]);
    for (int i = 1; i < factors.length; i++) {
      sum = g.add(g.mul(sum, x), factors[i]);
    }
    return sum;
  }

  private static Value isInside(Compose g, Value position, int size) {
    return g.mul(g.less(g.number(-0.5), position), g.less(position, g.number(size - 0.5)));
  }

  /** The pixel that stands for one outside: the nearest, or its mirror image. */
  private static Value inside(Compose g, Value position, int size, Padding padding, boolean corners) {
    if (padding != Padding.REFLECTION || size == 1) {
      return g.clip(position, 0, size - 1.0);
    }
    // a saw of this period, mirrored at the centre of the first pixel or at its edge
    double period = corners ? 2.0 * (size - 1) : 2.0 * size;
    Value moved = g.add(position, corners ? 0 : 0.5);
    Value place = g.sub(moved, g.mul(g.floor(g.mul(moved, 1 / period)), period));
    Value mirrored = g.min(place, g.add(g.neg(place), period));
    return g.clip(g.op(new Op.Round(), g.add(mirrored, corners ? 0 : -0.5)), 0, size - 1.0);
  }

  /** The places that an affine map of each image takes its pixels from. */
  private static Value affineGrid(Call c) {
    Compose g = c.g();
    long[] sizes = c.constant(1, "sizes").integers();
    Shape maps = c.shape(0);
    if (sizes.length != 4 || !maps.equals(Shape.of(maps.dim(0), 2, 3))) {
      throw new Refusal("expects maps of N x 2 x 3 and 4 sizes, got " + maps + " and " + Arrays.toString(sizes));
    }
    int[] size = c.constant(1, "sizes").ints();
    int h = size[2];
    int w = size[3];
    if (h < 1 || w < 1) {
      throw new Refusal("expects sizes of 1 or more, got " + Arrays.toString(sizes));
    }
    boolean corners = c.flag("align_corners", false);
    double[] places = Call.numbers(3L * h * w);
    for (int i = 0; i < h * w; i++) {
      places[i] = place(i % w, w, corners);
      places[h * w + i] = place(i / w, h, corners);
      places[2 * h * w + i] = 1;
    }
    Value all = c.computed(Array.reals(OnnxType.FLOAT, new int[] {3, h * w}, places));
    Value grid = g.transpose(g.op(new Op.MatMul(), c.value(0), all), List.of(0, 2, 1));
    return g.reshape(grid, new Dim.Axis(0), new Dim.Size(h), new Dim.Size(w), new Dim.Size(2));
  }

  private static double place(int i, int size, boolean corners) {
    return corners ? size == 1 ? -1 : 2.0 * i / (size - 1) - 1 : (2.0 * i + 1) / size - 1;
  }

  /** Each column is a window of each channel; windows that overlap add up, as in a transposed convolution with a kernel of ones. */
  private static Value columnsToImage(Call c) {
    Compose g = c.g();
    int[] image = c.constant(1, "sizes").ints();
    int[] kernel = c.constant(2, "sizes").ints();
    Shape shape = c.shape(0);
    if (shape.rank() != 3 || image.length < 1 || image.length > 2 || kernel.length != image.length) {
      throw new Refusal(
          "expects columns of 3 axes and sizes of 1 or 2 axes, got " + shape + ", " + Arrays.toString(image) + " and "
              + Arrays.toString(kernel));
    }
    int pixels = Arrays.stream(kernel).reduce(1, Math::multiplyExact);
    if (pixels < 1 || shape.dim(1) % pixels != 0) {
      throw new Refusal("expects columns of a multiple of " + pixels + " elements, got " + shape);
    }
    int axes = image.length;
    Windows given = Windows.of(c, new Shape(Collections.nCopies(axes + 2, 1)), kernel);
    int[] count = new int[axes];
    int[] extra = new int[axes];
    for (int i = 0; i < axes; i++) {
      int room = image[i] + given.before()[i] + given.after()[i] - given.dilation()[i] * (kernel[i] - 1) - 1;
      count[i] = Math.floorDiv(room, given.stride()[i]) + 1;
      extra[i] = Math.floorMod(room, given.stride()[i]);
    }
    if (IntStream.of(count).anyMatch(n -> n < 1)
        || IntStream.of(count).asLongStream().reduce(1, (a, b) -> a * b) != shape.dim(2)) {
      throw new Refusal("expects a column for each of " + Arrays.toString(count) + " windows, got " + shape);
    }
    Window window = given.image();
    int channels = shape.dim(1) / pixels;
    double[] ones = Call.numbers((long) shape.dim(1) * pixels);
    for (int i = 0; i < shape.dim(1); i++) {
      ones[i * pixels + i % pixels] = 1;
    }
    Value each = c.computed(
        Array.reals(OnnxType.FLOAT, new int[] {shape.dim(1), 1, window.kernelH(), window.kernelW()}, ones));
    Value maps = g.reshape(c.value(0), new Dim.Axis(0), new Dim.Axis(1), new Dim.Size(axes == 1 ? 1 : count[0]),
        new Dim.Size(count[axes - 1]));
    Value y = g.op(new Op.ConvTranspose(window, channels, axes == 1 ? 0 : extra[0], extra[axes - 1]), maps, each);
    return axes == 1 ? g.squeeze(y, List.of(2)) : y;
  }
}

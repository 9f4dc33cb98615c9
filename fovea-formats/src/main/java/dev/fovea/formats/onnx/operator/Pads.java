package dev.fovea.formats.onnx.operator;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.constant.Operation;
import dev.fovea.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Padding, and cropping where it is negative. */
final class Pads {
  private Pads() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Pad", Rule.of(Pads::pad));
    rules.put("CenterCropPad", Rule.of(Pads::centre));
  }

  private static Value pad(Call c) {
    Value x = c.value(0);
    int rank = c.g().rank(x);
    long[] given = c.has(1) ? c.constant(1, "pads").integers() : c.integers(c.opset() < 2 ? "paddings" : "pads");
    List<Integer> axes = c.has(3)
        ? Arrays.stream(c.constant(3, "axes").integers()).mapToObj(axis -> Operation.axis(axis, rank)).toList()
        : IntStream.range(0, rank).boxed().toList();
    if (given == null || given.length != 2 * axes.size()) {
      throw new Refusal("expects " + 2 * axes.size() + " pads, got " + (given == null ? "none" : given.length));
    }
    String mode = c.node().text("mode", "constant");
    if (c.has(1) && !c.has(2) && !c.has(3) && mode.equals("constant")) {
      Optional<Value> multiple = SpeltOut.padToMultiple(c, given, c.otherConstant(1).integers());
      if (multiple.isPresent()) {
        return multiple.get();
      }
    }
    double value = c.has(2) ? c.constant(2, "a value").scalar() : c.node().number("value", 0);
    for (int i = 0; i < axes.size(); i++) {
      int before = Math.toIntExact(given[i]);
      int after = Math.toIntExact(given[axes.size() + i]);
      x = axis(c.g(), x, axes.get(i), before, after, mode, value);
    }
    return x;
  }

  private static Value axis(Compose g, Value x, int axis, int before, int after, String mode, double value) {
    Value kept = g.slice(x, axis, Math.max(0, -before), after < 0 ? after : Integer.MAX_VALUE);
    int left = Math.max(0, before);
    int right = Math.max(0, after);
    if (left == 0 && right == 0) {
      return kept;
    }
    int size = g.shape(kept).dim(axis);
    return switch (mode) {
      case "constant" -> constant(g, kept, axis, left, right, value);
      case "reflect" -> {
        if (Math.max(left, right) >= size) {
          throw new Refusal("reflects more than the " + size + " elements of axis " + axis);
        }
        yield joined(g, axis, part(g, kept, axis, 1, left + 1, true, left), kept,
            part(g, kept, axis, -right - 1, -1, true, right));
      }
      case "edge" -> joined(g, axis, repeated(g, g.slice(kept, axis, 0, 1), axis, left), kept,
          repeated(g, g.slice(kept, axis, -1, Integer.MAX_VALUE), axis, right));
      case "wrap" -> {
        if (Math.max(left, right) > size) {
          throw new Refusal("wraps more than the " + size + " elements of axis " + axis);
        }
        yield joined(g, axis, part(g, kept, axis, -left, Integer.MAX_VALUE, false, left), kept,
            part(g, kept, axis, 0, right, false, right));
      }
      default -> throw new Refusal("mode " + Quote.quote(mode) + " is not supported");
    };
  }

  /** A range of an axis, perhaps in reverse; null if it is empty. */
  private static @Nullable Value part(Compose g, Value x, int axis, int from, int to, boolean reversed, int length) {
    if (length == 0) {
      return null;
    }
    Value part = g.slice(x, axis, from, to);
    return reversed && length > 1
        ? g.gather(part, axis, g.indices(length, i -> length - 1 - i))
        : part;
  }

  private static @Nullable Value repeated(Compose g, Value one, int axis, int times) {
    if (times > 1 << 15) {
      throw new Refusal("pads an axis by more than 2^15 elements");
    }
    return times == 0 ? null : times == 1 ? one : g.gather(one, axis, g.indices(times, _ -> 0));
  }

  private static Value joined(Compose g, int axis, @Nullable Value... parts) {
    List<Value> all = new ArrayList<>();
    for (Value part : parts) {
      if (part != null) {
        all.add(part);
      }
    }
    return g.concat(axis, all);
  }

  /** Pads with zeros, and replaces them by the value where a padded mask of ones is zero. */
  private static Value constant(Compose g, Value x, int axis, int before, int after, double value) {
    if (value == 0) {
      return g.pad(x, axis, before, after);
    }
    Value inside = g.pad(g.add(g.zerosLike(x), 1), axis, before, after);
    return g.where(inside, g.pad(x, axis, before, after), g.number(value));
  }

  /** Crops or pads each axis in the middle. */
  private static Value centre(Call c) {
    Compose g = c.g();
    Value x = c.value(0);
    long[] axes = c.integers("axes");
    int[] sizes = c.constant(1, "sizes").ints();
    if (sizes.length != (axes == null ? g.rank(x) : axes.length)) {
      throw new Refusal("expects a size for each axis, got " + sizes.length);
    }
    for (int i = 0; i < sizes.length; i++) {
      int axis = axes == null ? i : Operation.axis(axes[i], g.rank(x));
      int size = g.shape(x).dim(axis);
      int less = Math.max(0, size - sizes[i]);
      int more = Math.max(0, sizes[i] - size);
      x = less > 0 ? g.slice(x, axis, less / 2, less / 2 + sizes[i]) : g.pad(x, axis, more / 2, more - more / 2);
    }
    return x;
  }
}

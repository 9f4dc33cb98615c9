package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Reshapes;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.constant.Operation;
import dev.fovea.formats.onnx.constant.Shaping;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that arrange elements in other axes, and that join and repeat them. */
final class Layouts {
  private static final int MAX_REPEATED = 1 << 20;

  private Layouts() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Transpose", Rule.of(Layouts::transpose));
    rules.put("Concat", Rule.of(Layouts::concat));
    rules.put("Reshape", Rule.of(Layouts::reshape));
    rules.put("Flatten", Rule.of(Layouts::flatten));
    rules.put("Squeeze", Rule.of(Layouts::squeeze));
    rules.put("Unsqueeze", Rule.of(Layouts::unsqueeze));
    rules.put("Expand", Rule.of(Layouts::expand));
    rules.put("Tile", Rule.of(Layouts::tile));
    rules.put("DepthToSpace", Rule.of(Layouts::depthToSpace));
    rules.put("SpaceToDepth", Rule.of(Layouts::spaceToDepth));
  }

  /**
   * Empty parts are left out. A part that is the same for each image, while others have as many as the input, is repeated: files with
   * a fixed batch have it once or as a constant.
   */
  private static Value concat(Call c) {
    List<Integer> parts =
        IntStream.range(0, c.count()).filter(i -> c.constant(i).map(array -> array.size() > 0).orElse(true)).boxed().toList();
    int axis = c.axis("axis", 1, c.shape(parts.getFirst()).rank());
    int images =
        parts.stream().filter(i -> c.shape(i).rank() > 0 && c.shape(i).dim(0) != c.otherShape(i).dim(0)).findFirst().orElse(-1);
    List<Value> values = new ArrayList<>();
    for (int i : parts) {
      boolean once = axis > 0 && images >= 0 && c.shape(i).dim(0) == c.otherShape(i).dim(0);
      Value part = once && c.constant(i).isPresent() ? c.oneForAllImages(i) : c.value(i);
      int batch = images >= 0 ? c.shape(images).dim(0) : 1;
      int otherBatch = images >= 0 ? c.otherShape(images).dim(0) : 1;
      boolean repeats = once && c.g().shape(part).dim(0) == 1;
      values.add(repeats ? c.g().mul(part, c.context().onesOf(batch, otherBatch, c.g().rank(part)).orElseThrow()) : part);
    }
    return c.g().concat(axis, values);
  }

  private static Value transpose(Call c) {
    int rank = c.shape(0).rank();
    long[] given = c.integers("perm");
    List<Integer> perm = given == null
        ? IntStream.range(0, rank).map(axis -> rank - 1 - axis).boxed().toList()
        : Arrays.stream(given).mapToObj(axis -> Operation.axis(axis, rank)).toList();
    return c.g().transpose(c.value(0), perm);
  }

  private static Value reshape(Call c) {
    long @Nullable [] target = c.has(1) ? c.constant(1, "sizes").integers() : c.integers("shape");
    if (target == null) {
      throw new Refusal("expects a shape");
    }
    return SpeltOut.reshape(c, target, c.flag("allowzero", false));
  }

  /** The axes before {@code axis} are one, and those from it on. */
  private static Value flatten(Call c) {
    Value x = c.value(0);
    int rank = c.g().rank(x);
    int axis = c.node().integer("axis", 1) == rank ? rank : c.axis("axis", 1, rank);
    if (axis == 1 && rank > 1) {
      return rank == 2 ? x : c.g().op(new Op.Flatten(), x);
    }
    if (axis == 0) {
      return c.g().reshape(x, new Dim.Size(1), new Dim.Rest());
    }
    if (axis == rank) {
      return c.g().reshape(x, new Dim.Rest(), new Dim.Size(1));
    }
    int[] dims = {c.g().shape(x).size() / c.g().shape(x).sizeFrom(axis), c.g().shape(x).sizeFrom(axis)};
    Shape other = c.otherShape(0);
    int[] otherDims = {other.size() / other.sizeFrom(axis), other.sizeFrom(axis)};
    return Reshapes.of(c.g(), x, Reshapes.sizes(other), dims, otherDims);
  }

  private static Value squeeze(Call c) {
    Value x = c.value(0);
    Shape shape = c.g().shape(x);
    long[] given = c.integers(1, "axes");
    // checks that the sizes are 1
    Shaping.squeezed(Reshapes.sizes(shape), given);
    List<Integer> axes = given == null
        ? IntStream.range(0, shape.rank()).filter(axis -> shape.dim(axis) == 1).boxed().toList()
        : c.axes(1, shape.rank());
    return c.g().squeeze(x, axes);
  }

  private static Value unsqueeze(Call c) {
    Value x = c.value(0);
    long[] given = c.integers(1, "axes");
    if (given == null) {
      throw new Refusal("expects axes");
    }
    int rank = Shaping.unsqueezed(Reshapes.sizes(c.g().shape(x)), given).length;
    return c.g().unsqueeze(x, Arrays.stream(given).mapToObj(axis -> Operation.axis(axis, rank)).toList());
  }

  private static int[] broadcast(Shape x, int[] sizes) {
    int rank = Math.max(x.rank(), sizes.length);
    int[] dims = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      int own = axis < rank - x.rank() ? 1 : x.dim(axis - rank + x.rank());
      int given = axis < rank - sizes.length ? 1 : sizes[axis - rank + sizes.length];
      dims[axis] = own == 1 ? given : own;
    }
    return dims;
  }

  /** The operand repeated along axes of size 1: a product with ones, which have size 1 along the others. */
  private static Value expand(Call c) {
    Compose g = c.g();
    int[] dims = broadcast(c.shape(0), c.constant(1, "sizes").ints());
    int[] otherDims = broadcast(c.otherShape(0), c.otherConstant(1).ints());
    Shape other = c.otherShape(0);
    boolean images = otherDims.length == other.rank() && other.rank() > 0 && other.dim(0) != 1;
    return repeated(c, g.atLeast(dims.length, c.value(0)), dims, images ? dims : otherDims);
  }

  private static Value repeated(Call c, Value x, int[] dims, int[] otherDims) {
    Compose g = c.g();
    Shape shape = g.shape(x);
    int[] ones = new int[dims.length];
    Arrays.fill(ones, 1);
    for (int axis = 0; axis < dims.length; axis++) {
      ones[axis] = shape.dim(axis) == 1 ? dims[axis] : 1;
    }
    boolean batch = dims.length > 0 && otherDims.length == dims.length && shape.dim(0) == 1 && dims[0] != otherDims[0];
    Value y = x;
    if (batch) {
      Value images = c.context().onesOf(dims[0], otherDims[0], dims.length).orElse(null);
      y = images == null ? y : g.mul(x, images);
      ones[0] = images == null ? ones[0] : 1;
    }
    int first = IntStream.range(0, ones.length).filter(axis -> ones[axis] != 1).findFirst().orElse(ones.length);
    int[] last = Arrays.copyOfRange(ones, first, ones.length);
    return last.length == 0 ? y : g.mul(y, g.ones(new Shape(Arrays.stream(last).boxed().toList())));
  }

  /** [a, b] is repeated as [1, a, 1, b] that expands to [m, a, n, b]. */
  private static Value tile(Call c) {
    Compose g = c.g();
    Value x = c.value(0);
    Shape shape = g.shape(x);
    int[] repeats = c.constant(1, "repeats").ints();
    if (repeats.length != shape.rank()) {
      throw new Refusal("expects " + shape.rank() + " repeats, got " + repeats.length);
    }
    for (int axis = 0; axis < repeats.length; axis++) {
      int size = shape.dim(axis);
      int times = repeats[axis];
      if (times < 1 || (times > 1 && (long) size * times > MAX_REPEATED)) {
        throw new Refusal("expects repeats of 1 or more, and fewer than 2^20 along an axis, got " + times);
      }
      if (times > 1) {
        x = g.gather(x, axis, g.indices((long) size * times, i -> i % size));
      }
    }
    return x;
  }

  private static int blockSize(Call c) {
    int block = c.integer("blocksize", 1);
    if (block < 1 || c.shape(0).rank() != 4) {
      throw new Refusal("expects images and a block of 1 or more, got " + c.shape(0) + " and " + block);
    }
    return block;
  }

  /** Channels become blocks of pixels (Shi et al. 2016). */
  private static Value depthToSpace(Call c) {
    Compose g = c.g();
    Value x = c.value(0);
    int block = blockSize(c);
    Dim b = new Dim.Size(block);
    if (g.shape(x).dim(1) % (block * block) != 0) {
      throw new Refusal("expects channels that " + block * block + " divides, got " + g.shape(x));
    }
    Dim channels = new Dim.Size(g.shape(x).dim(1) / (block * block));
    boolean blocksFirst = c.node().text("mode", "DCR").equals("DCR");
    Value apart = blocksFirst
        ? g.transpose(g.reshape(x, new Dim.Axis(0), b, b, channels, new Dim.Axis(2), new Dim.Axis(3)), List.of(0, 3, 4, 1, 5, 2))
        : g.transpose(g.reshape(x, new Dim.Axis(0), channels, b, b, new Dim.Axis(2), new Dim.Axis(3)), List.of(0, 1, 4, 2, 5, 3));
    Value rows = g.reshape(apart, new Dim.Axis(0), new Dim.Axis(1), new Dim.Rest(), new Dim.Axis(4), new Dim.Axis(5));
    return g.reshape(rows, new Dim.Axis(0), new Dim.Axis(1), new Dim.Axis(2), new Dim.Rest());
  }

  private static Value spaceToDepth(Call c) {
    Compose g = c.g();
    Value x = c.value(0);
    int block = blockSize(c);
    Dim b = new Dim.Size(block);
    Dim channels = new Dim.Size(g.shape(x).dim(1) * block * block);
    Value rows = g.reshape(x, new Dim.Axis(0), new Dim.Axis(1), new Dim.Rest(), b, new Dim.Axis(3));
    Value apart = g.reshape(rows, new Dim.Axis(0), new Dim.Axis(1), new Dim.Axis(2), new Dim.Axis(3), new Dim.Rest(), b);
    boolean blocksFirst = c.node().text("mode", "DCR").equals("DCR");
    Value turned = g.transpose(apart, blocksFirst ? List.of(0, 3, 5, 1, 2, 4) : List.of(0, 1, 3, 5, 2, 4));
    return g.reshape(turned, new Dim.Axis(0), channels, new Dim.Axis(4), new Dim.Axis(5));
  }
}

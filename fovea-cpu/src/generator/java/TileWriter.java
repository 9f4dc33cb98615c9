import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes the source of the multiply-add loops at build time: {@code java TileWriter.java FOLDER}. There is one loop for each
 * shape, since sums stay in registers only as separate local variables. The loops call the Vector API directly: a helper method
 * between, though always inlined, uses up C2's inlining budget. docs/decisions/0008 has the measurements of shapes and unrolling.
 */
final class TileWriter {
  /**
   * A loop's shape.
   *
   * @param positions outputs of one filter computed at a time
   * @param vectors vectors of filters
   * @param contiguous whether the positions are contiguous in the input, a block of values each, or strided
   */
  private record Shape(int positions, int vectors, boolean contiguous) {
    String name() {
      return (contiguous ? "contiguous" : "strided") + positions + "x" + vectors;
    }
  }

  /**
   * What fits 32 registers of AVX-512, or 16 of AVX2 and NEON: the sums, the vectors of weights, an input. Strided positions need a
   * register for the address and a bounds check each. A single position is a matrix times one row. There are no more
   * shapes than these: a loop that is called rarely stays interpreted for seconds, and then takes longer than all others.
   */
  private static final List<Shape> TILES_16C = List.of(
      new Shape(6, 4, true), new Shape(12, 2, true), new Shape(6, 2, true), new Shape(12, 1, true),
      new Shape(1, 4, true), new Shape(1, 2, true), new Shape(1, 1, true),
      new Shape(4, 4, false), new Shape(8, 2, false), new Shape(4, 2, false), new Shape(8, 1, false));

  /**
   * The same for outer products, whose positions are rows: 8 at a time, 4 if vectors have 8 or 4 lanes, 1 if there is only one
   * row.
   */
  private static final List<Shape> OUTER_PRODUCT_TILES = List.of(
      new Shape(8, 3, true), new Shape(8, 2, true), new Shape(8, 1, true), new Shape(4, 2, true), new Shape(4, 1, true),
      new Shape(8, 2, false), new Shape(8, 1, false), new Shape(4, 2, false), new Shape(4, 1, false), new Shape(1, 2, false),
      new Shape(1, 1, false));

  /** Filters by taps of a weight gradient in NCHW16n: the vectors of each position are loaded once for all of them. */
  private static final List<Shape> WEIGHT_GRAD_TILES = Stream.of(6, 4, 2, 1)
      .flatMap(filters -> Stream.of(4, 2).map(taps -> new Shape(filters, taps, false)))
      .toList();

  /** The strides for which 3x3 depthwise convolutions have loops. They are constants, so that bounds are checked once per row. */
  private static final List<Integer> DEPTHWISE_STRIDES = List.of(1, 2);

  private static final int TAPS_3X3 = 9;

  /** Taps with contiguous weights that one iteration of the loop sums: more of them spill registers, fewer are a tenth slower. */
  private static final int UNROLLED = 4;

  private static final String BLOCK = "dev.fovea.cpu.kernel.Layout.BLOCK";
  private static final String COUNT = "dev.fovea.cpu.vector.microkernel.Lanes.COUNT";
  private static final String SPECIES = "dev.fovea.cpu.vector.microkernel.Lanes.SPECIES";
  private static final String BROADCAST = "jdk.incubator.vector.FloatVector.broadcast";
  private static final String FROM_ARRAY = "jdk.incubator.vector.FloatVector.fromArray";

  private TileWriter() {}

  public static void main(String[] args) throws IOException {
    deleteOld(Path.of(args[0]));
    Path folder = Path.of(args[0], "dev", "fovea", "cpu", "vector", "microkernel");
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("Tile16cLoops.java"), tile16cLoops());
    Files.writeString(folder.resolve("OuterProductTileLoops.java"), outerProductLoops());
    Files.writeString(folder.resolve("WeightGradTile16nLoops.java"), weightGradLoops());
    Files.writeString(folder.resolve("DepthwiseTileLoops.java"), depthwiseLoops());
  }

  /** Deletes the output of older versions: files of other names would be compiled too. */
  private static void deleteOld(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith("Loops.java")).toList()) {
        Files.delete(file);
      }
    }
  }

  /** A source file: its imports, the class up to its fields, a loop for each shape. */
  private static <S> String source(List<String> imports, String head, List<S> shapes, Function<S, String> loop) {
    return "package dev.fovea.cpu.vector.microkernel;\n\n"
        + imports.stream().map(name -> "import static " + name + ";\n").collect(Collectors.joining())
        + "\nimport jdk.incubator.vector.FloatVector;\n\n"
        + head
        + shapes.stream().map(loop).collect(Collectors.joining())
        + "}\n";
  }

  private static String weightGradLoops() {
    return source(List.of(COUNT, SPECIES, FROM_ARRAY), """
        /** The loops of WeightGradTile16n, one for each number of filters and taps. Generated by TileWriter. */
        abstract class WeightGradTile16nLoops {
          public float[] x = {};
          public float[] dy = {};

          /** The sums, a vector each: filter by filter, within a filter tap by tap. */
          public float[] sums = {};

          /** Offsets of a map's positions, in the input and in the gradient. */
          public int[] xOffsets = {};

          public int[] dyOffsets = {};

          /** Offset of each tap from a position of the input. */
          public final int[] tapOffsets = new int[4];

          /** The number of blocks of images, and the floats from one to the next. */
          public int blocks;

          public int xBlockStride;
          public int dyBlockStride;

          /** Floats from one filter's gradients to those of the next. */
          public int filterStride;
        """, WEIGHT_GRAD_TILES, TileWriter::weightGradLoop);
  }

  private static String weightGradLoop(Shape shape) {
    StringBuilder text = new StringBuilder();
    text.append("\n  final void ").append(shape.name()).append("(int firstX, int firstDy) {\n");
    for (int f = 0; f < shape.positions; f++) {
      int filter = f;
      line(text, 2, "FloatVector " + join(shape.vectors, ", ", t -> sum(filter, t) + " = FloatVector.zero(SPECIES)"));
    }
    line(text, 2, "float[] in = x, gradients = dy");
    line(text, 2, "int[] ps = xOffsets, qs = dyOffsets");
    line(text, 2, "int next = filterStride, " + join(shape.vectors, ", ", t -> "d" + t + " = tapOffsets[" + t + "]"));
    text.append("    for (int block = 0; block < blocks; block++) {\n");
    line(text, 3, "int at = firstX + block * xBlockStride, from = firstDy + block * dyBlockStride");
    text.append("      for (int k = 0; k < ps.length; k++) {\n");
    line(text, 4, "int p = at + ps[k], q = from + qs[k]");
    line(text, 4, "FloatVector " + join(shape.vectors, ", ", t -> "x" + t + " = fromArray(SPECIES, in, p + d" + t + ")"));
    for (int f = 0; f < shape.positions; f++) {
      int filter = f;
      line(text, 4, "FloatVector g" + f + " = fromArray(SPECIES, gradients, q" + plus(times(f, "next")) + ")");
      line(text, 4, join(shape.vectors, "; ",
          t -> sum(filter, t) + " = x" + t + ".fma(g" + filter + ", " + sum(filter, t) + ")"));
    }
    text.append("      }\n    }\n");
    line(text, 2, "float[] s = sums");
    for (int f = 0; f < shape.positions; f++) {
      int filter = f;
      line(text, 2, join(shape.vectors, "; ",
          t -> sum(filter, t) + ".intoArray(s, " + (filter * shape.vectors + t) + " * COUNT)"));
    }
    text.append("  }\n");
    return text.toString();
  }

  private static String depthwiseLoops() {
    return source(List.of(BLOCK, SPECIES, FROM_ARRAY), """
        /** The loops of DepthwiseTile over a row of 3x3 windows, one for each stride. Generated by TileWriter. */
        abstract class DepthwiseTileLoops {
          public float[] in = {};
          public float[] weights = {};
          public float[] out = {};

          /** Initial values of the sums, one per channel. */
          public final float[] initial = new float[BLOCK];
        """, DEPTHWISE_STRIDES, TileWriter::depthwiseLoop);
  }

  /** The nine weights stay in registers during a row. */
  private static String depthwiseLoop(int stride) {
    StringBuilder text = new StringBuilder();
    text.append("\n  final void stride").append(stride)
        .append("(int count, int[] tapOffsets, int[] weightRows, int lane, int from, int weight, int to) {\n");
    line(text, 2, "float[] x = in, w = weights, y = out");
    line(text, 2, "FloatVector first = fromArray(SPECIES, initial, lane)");
    for (int k = 0; k < TAPS_3X3; k++) {
      line(text, 2, "FloatVector w" + k + " = fromArray(SPECIES, w, weight + weightRows[" + k + "] * BLOCK)");
    }
    line(text, 2, "int " + join(TAPS_3X3, ", ", k -> "p" + k + " = from + tapOffsets[" + k + "]"));
    text.append("    for (int k = 0; k < count; k++) {\n");
    line(text, 3, "int step = k * " + times(stride, "BLOCK"));
    line(text, 3, "FloatVector sum = first");
    for (int k = 0; k < TAPS_3X3; k++) {
      line(text, 3, "sum = fromArray(SPECIES, x, p" + k + " + step).fma(w" + k + ", sum)");
    }
    line(text, 3, "sum.intoArray(y, to + k * BLOCK)");
    text.append("    }\n  }\n");
    return text.toString();
  }

  private static String outerProductLoops() {
    return source(List.of(COUNT, SPECIES, BROADCAST, FROM_ARRAY), """
        /** The loops of OuterProductTile, one for each number of rows and vectors. Generated by TileWriter. */
        abstract class OuterProductTileLoops {
          /** The values that are broadcast, one per row. */
          public float[] scalars = {};
          public float[] vectors = {};

          /** The sums: from {@code sumsOffset} on, row by row, within a row vector by vector. */
          public float[] sums = {};

          public int sumsOffset;

          /** Offsets of the positions, in the scalars and in the vectors. */
          public int[] scalarOffsets = {};

          public int[] vectorOffsets = {};

          /** Offsets of the rows from a position; of contiguous rows only the first is read. */
          public final int[] rowOffsets = new int[8];

          /** Floats from one vector of a position to the next. */
          public int vectorStep;
        """, OUTER_PRODUCT_TILES, TileWriter::outerProductLoop);
  }

  private static String outerProductLoop(Shape shape) {
    StringBuilder text = new StringBuilder();
    text.append("\n  final void ").append(shape.name()).append("(int scalarsAt, int vectorsAt, int count) {\n");
    line(text, 2, "float[] x = scalars, w = vectors, s = sums");
    line(text, 2, "int[] ps = scalarOffsets, qs = vectorOffsets");
    line(text, 2, "int at = sumsOffset, second = vectorStep");
    for (int p = 0; p < shape.positions; p++) {
      int row = p;
      line(text, 2, "FloatVector "
          + join(shape.vectors, ", ",
              v -> sum(row, v) + " = fromArray(SPECIES, s, at" + plus(times(row * shape.vectors + v, "COUNT")) + ")"));
    }
    line(text, 2, "int "
        + join(shape.contiguous ? 1 : shape.positions, ", ", p -> "r" + p + " = scalarsAt + rowOffsets[" + p + "]"));
    text.append("    for (int k = 0; k < count; k++) {\n");
    line(text, 3, "int p = ps[k]" + (shape.contiguous ? " + r0" : "") + ", q = vectorsAt + qs[k]");
    line(text, 3, "FloatVector "
        + join(shape.vectors, ", ", v -> "w" + v + " = fromArray(SPECIES, w, q" + plus(times(v, "second")) + ")"));
    for (int p = 0; p < shape.positions; p++) {
      int row = p;
      line(text, 3, "FloatVector v" + p + " = broadcast(SPECIES, x[p" + (shape.contiguous ? plus(p) : " + r" + p) + "])");
      line(text, 3, join(shape.vectors, "; ", v -> sum(row, v) + " = v" + row + ".fma(w" + v + ", " + sum(row, v) + ")"));
    }
    text.append("    }\n");
    for (int p = 0; p < shape.positions; p++) {
      int row = p;
      line(text, 2, join(shape.vectors, "; ",
          v -> sum(row, v) + ".intoArray(s, at" + plus(times(row * shape.vectors + v, "COUNT")) + ")"));
    }
    text.append("  }\n");
    return text.toString();
  }

  private static String tile16cLoops() {
    return source(List.of(BLOCK, COUNT, SPECIES, BROADCAST, FROM_ARRAY), """
        /** The loops of Tile16c, one for each number of positions and vectors. Generated by TileWriter. */
        abstract class Tile16cLoops {
          public float[] in = {};
          public float[] weights = {};
          public float[] out = {};

          /** Initial values of the sums, one per filter. */
          public final float[] initial = new float[4 * COUNT];

          /** Offset of each tap from a position of the input, and its row in the weights. */
          public int[] tapOffsets = {};

          public int[] weightRows = {};

          /**
           * The number of leading taps, a multiple of four, that the unrolled loop sums: in each four the weights are contiguous,
           * and for strided positions the inputs too.
           */
          public int unrolledTaps;

          /** The maximum number of positions of one call. */
          public static final int MAX_POSITIONS = 24;

          /**
           * Offsets of the positions in the input, of which only the first is read if they are contiguous, and of their sums in
           * the output.
           */
          public final int[] inOffsets = new int[MAX_POSITIONS];

          public final int[] outOffsets = new int[MAX_POSITIONS];

          /** Zero for each position: all take the same {@link #initial} values. */
          private final int[] initialOffsets = new int[MAX_POSITIONS];

          /** Floats from one vector of a position's sums to the next. */
          public int outStep;
        """, TILES_16C, TileWriter::tile16cLoop);
  }

  /** A loop unrolled by four taps and one over single taps: two methods, since C2 gives up on both in one. */
  private static String tile16cLoop(Shape shape) {
    StringBuilder text = new StringBuilder();
    text.append("""

          final void NAME(int first, int weight, boolean accumulate) {
            float[] from = accumulate ? out : initial;
            int[] starts = accumulate ? outOffsets : initialOffsets;
            int next = accumulate ? outStep : COUNT;
            if (unrolledTaps > 0) {
              NAMEUnrolled(first, weight, from, starts, next);
              from = out;
              starts = outOffsets;
              next = outStep;
            }
            if (unrolledTaps < tapOffsets.length || unrolledTaps == 0) {
              NAMESingle(first, weight, from, starts, next);
            }
          }
        """.replace("NAME", shape.name()));
    head(text, shape, "Unrolled");
    loop(text, shape, "int k = 0; k < unrolledTaps; k += " + UNROLLED, UNROLLED);
    store(text, shape);
    head(text, shape, "Single");
    loop(text, shape, "int k = unrolledTaps; k < d.length; k++", 1);
    store(text, shape);
    return text.toString();
  }

  /**
   * The sums' initial values are an argument: with a branch inside, C2 would leave out the case of accumulated sums until the first
   * occurs, and compile the loop a second time.
   */
  private static void head(StringBuilder text, Shape shape, String taps) {
    text.append("\n  private void ").append(shape.name()).append(taps)
        .append("(int first, int weight, float[] from, int[] starts, int next) {\n");
    for (int p = 0; p < shape.positions; p++) {
      int position = p;
      line(text, 2, "int b" + p + " = starts[first + " + p + "]");
      line(text, 2, "FloatVector "
          + join(shape.vectors, ", ",
              v -> sum(position, v) + " = fromArray(SPECIES, from, b" + position + plus(times(v, "next")) + ")"));
    }
    line(text, 2, "int " + join(shape.contiguous ? 1 : shape.positions, ", ", p -> "p" + p + " = inOffsets[first + " + p + "]"));
    line(text, 2, "float[] x = in, w = weights");
    line(text, 2, "int[] d = tapOffsets, n = weightRows");
  }

  /**
   * For contiguous positions each tap loads its own offset: the bounds check of the input that this adds keeps C2 from moving the
   * loads of all four taps to the front, where they do not fit the registers. Strided positions have a check each.
   */
  private static void loop(StringBuilder text, Shape shape, String counter, int taps) {
    text.append("    for (").append(counter).append(") {\n");
    line(text, 3, "int q = weight + n[k] * " + shape.vectors + " * COUNT");
    for (int tap = 0; tap < taps; tap++) {
      if (shape.contiguous) {
        line(text, 3, "int t" + tap + " = p0 + d[k" + plus(tap) + "]");
      } else if (tap == 0) {
        line(text, 3, "int t0 = d[k]");
      }
      products(text, shape, tap);
    }
    text.append("    }\n");
  }

  private static void store(StringBuilder text, Shape shape) {
    line(text, 2, "float[] y = out");
    line(text, 2, "int step = outStep");
    for (int p = 0; p < shape.positions; p++) {
      int position = p;
      line(text, 2, "int t" + p + " = outOffsets[first + " + p + "]");
      line(text, 2, join(shape.vectors, "; ",
          v -> sum(position, v) + ".intoArray(y, t" + position + plus(times(v, "step")) + ")"));
    }
    text.append("  }\n");
  }

  /** The products of one tap: its weights are loaded once, its inputs are broadcast one by one. */
  private static void products(StringBuilder text, Shape shape, int tap) {
    text.append("      {\n");
    line(text, 4, "FloatVector "
        + join(shape.vectors, ", ",
            v -> "w" + v + " = fromArray(SPECIES, w, q" + plus(times(tap * shape.vectors + v, "COUNT")) + ")"));
    for (int p = 0; p < shape.positions; p++) {
      int position = p;
      String at = shape.contiguous ? "t" + tap + plus(times(p, "BLOCK")) : "t0 + p" + p + plus(tap);
      line(text, 4, "FloatVector v" + p + " = broadcast(SPECIES, x[" + at + "])");
      line(text, 4, join(shape.vectors, "; ",
          v -> sum(position, v) + " = v" + position + ".fma(w" + v + ", " + sum(position, v) + ")"));
    }
    text.append("      }\n");
  }

  private static String sum(int position, int vector) {
    return "a" + position + "_" + vector;
  }

  /** {@code 3 * COUNT}; empty for zero. */
  private static String times(int count, String what) {
    return count == 0 ? "" : count == 1 ? what : count + " * " + what;
  }

  private static String plus(int number) {
    return number == 0 ? "" : " + " + number;
  }

  private static String plus(String term) {
    return term.isEmpty() ? "" : " + " + term;
  }

  private static String join(int count, String between, IntFunction<String> part) {
    return IntStream.range(0, count).mapToObj(part).collect(Collectors.joining(between));
  }

  private static void line(StringBuilder text, int depth, String statement) {
    text.append("  ".repeat(depth)).append(statement).append(";\n");
  }
}

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
 * Writes the source of the multiply-add loops at build time: {@code java TileWriter.java FOLDER}. One loop a shape, since sums stay in
 * registers only as locals of their own. The loops call the Vector API itself: a call between, though always inlined, takes so much
 * of the compiler's budget that it gives up. docs/decisions/0008 has what was measured of shapes and unrolling.
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
   * What fits 32 registers of AVX-512, or 16 of AVX2 and NEON: the sums, the vectors of weights, an input. Places apart need registers
   * for their addresses and a check of the bounds each. One place alone is a matrix times one row. No more
   * shapes than these: a loop that is called seldom stays interpreted for seconds, and then takes longer than all others.
   */
  private static final List<Shape> CHANNEL_TILES = List.of(
      new Shape(6, 4, true), new Shape(12, 2, true), new Shape(6, 2, true), new Shape(12, 1, true),
      new Shape(1, 4, true), new Shape(1, 2, true), new Shape(1, 1, true),
      new Shape(4, 4, false), new Shape(8, 2, false), new Shape(4, 2, false), new Shape(8, 1, false));

  /** The same for outer products, whose places are rows: eight at a time, four where vectors have 8 lanes or 4, one where there is one. */
  private static final List<Shape> OUTER_TILES = List.of(
      new Shape(8, 3, true), new Shape(8, 2, true), new Shape(8, 1, true), new Shape(4, 2, true), new Shape(4, 1, true),
      new Shape(8, 2, false), new Shape(8, 1, false), new Shape(4, 2, false), new Shape(4, 1, false), new Shape(1, 2, false),
      new Shape(1, 1, false));

  /** Filters by taps of a weight's gradient with images in the lanes: each place's vectors are loaded once for all of them. */
  private static final List<Shape> GRAD_TILES = Stream.of(6, 4, 2, 1)
      .flatMap(filters -> Stream.of(4, 2).map(taps -> new Shape(filters, taps, false)))
      .toList();

  /** Strides that depthwise convolutions of 3x3 have loops for: constants, so that bounds are checked once a row. */
  private static final List<Integer> DEPTH_STRIDES = List.of(1, 2);

  private static final int NINE = 9;

  /** Taps whose weights lie side by side and that are summed in one turn of the loop: more leave the registers, fewer cost a tenth. */
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
    Files.writeString(folder.resolve("Tile16cLoops.java"), channelLoops());
    Files.writeString(folder.resolve("OuterProductTileLoops.java"), outerLoops());
    Files.writeString(folder.resolve("WeightGradTile16nLoops.java"), gradLoops());
    Files.writeString(folder.resolve("DepthwiseTileLoops.java"), depthLoops());
  }

  /** What an older version wrote under other names would be compiled too. */
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

  /** A file: what it imports, the class up to its fields, a loop for each shape. */
  private static <S> String source(List<String> imports, String head, List<S> shapes, Function<S, String> loop) {
    return "package dev.fovea.cpu.vector.microkernel;\n\n"
        + imports.stream().map(name -> "import static " + name + ";\n").collect(Collectors.joining())
        + "\nimport jdk.incubator.vector.FloatVector;\n\n"
        + head
        + shapes.stream().map(loop).collect(Collectors.joining())
        + "}\n";
  }

  private static String gradLoops() {
    return source(List.of(COUNT, SPECIES, FROM_ARRAY), """
        /** The loops of WeightGradTile16n, one for each number of filters and taps. Written by TileWriter. */
        abstract class WeightGradTile16nLoops {
          public float[] x = {};
          public float[] dy = {};

          /** Where the sums go, vector by vector: filter by filter, there tap by tap. */
          public float[] sums = {};

          /** The places of a map, in the input and in the gradient. */
          public int[] xPositions = {};

          public int[] dyPositions = {};

          /** Where each tap lies behind a place of the input. */
          public final int[] distances = new int[4];

          /** Blocks of images, and floats from one to the next. */
          public int blocks;

          public int xBlock;
          public int dyBlock;

          /** Floats from one filter's gradients to the next. */
          public int filterStride;
        """, GRAD_TILES, TileWriter::gradLoop);
  }

  private static String gradLoop(Shape shape) {
    StringBuilder text = new StringBuilder();
    text.append("\n  final void ").append(shape.name()).append("(int firstX, int firstDy) {\n");
    for (int f = 0; f < shape.positions; f++) {
      int filter = f;
      line(text, 2, "FloatVector " + each(shape.vectors, ", ", t -> sum(filter, t) + " = FloatVector.zero(SPECIES)"));
    }
    line(text, 2, "float[] in = x, gradients = dy");
    line(text, 2, "int[] ps = xPositions, qs = dyPositions");
    line(text, 2, "int next = filterStride, " + each(shape.vectors, ", ", t -> "d" + t + " = distances[" + t + "]"));
    text.append("    for (int block = 0; block < blocks; block++) {\n");
    line(text, 3, "int at = firstX + block * xBlock, from = firstDy + block * dyBlock");
    text.append("      for (int k = 0; k < ps.length; k++) {\n");
    line(text, 4, "int p = at + ps[k], q = from + qs[k]");
    line(text, 4, "FloatVector " + each(shape.vectors, ", ", t -> "x" + t + " = fromArray(SPECIES, in, p + d" + t + ")"));
    for (int f = 0; f < shape.positions; f++) {
      int filter = f;
      line(text, 4, "FloatVector g" + f + " = fromArray(SPECIES, gradients, q" + plus(times(f, "next")) + ")");
      line(text, 4, each(shape.vectors, "; ",
          t -> sum(filter, t) + " = x" + t + ".fma(g" + filter + ", " + sum(filter, t) + ")"));
    }
    text.append("      }\n    }\n");
    line(text, 2, "float[] s = sums");
    for (int f = 0; f < shape.positions; f++) {
      int filter = f;
      line(text, 2, each(shape.vectors, "; ",
          t -> sum(filter, t) + ".intoArray(s, " + (filter * shape.vectors + t) + " * COUNT)"));
    }
    text.append("  }\n");
    return text.toString();
  }

  private static String depthLoops() {
    return source(List.of(BLOCK, SPECIES, FROM_ARRAY), """
        /** The loops of DepthwiseTile over a row of 3x3 windows, one for each stride. Written by TileWriter. */
        abstract class DepthwiseTileLoops {
          public float[] in = {};
          public float[] weights = {};
          public float[] out = {};

          /** What the sums begin with, a number a channel. */
          public final float[] start = new float[BLOCK];
        """, DEPTH_STRIDES, TileWriter::depthLoop);
  }

  /** The nine weights stay in registers while a row goes by. */
  private static String depthLoop(int stride) {
    StringBuilder text = new StringBuilder();
    text.append("\n  final void stride").append(stride)
        .append("(int count, int[] distances, int[] numbers, int lane, int from, int weight, int to) {\n");
    line(text, 2, "float[] x = in, w = weights, y = out");
    line(text, 2, "FloatVector first = fromArray(SPECIES, start, lane)");
    for (int k = 0; k < NINE; k++) {
      line(text, 2, "FloatVector w" + k + " = fromArray(SPECIES, w, weight + numbers[" + k + "] * BLOCK)");
    }
    line(text, 2, "int " + each(NINE, ", ", k -> "p" + k + " = from + distances[" + k + "]"));
    text.append("    for (int k = 0; k < count; k++) {\n");
    line(text, 3, "int step = k * " + times(stride, "BLOCK"));
    line(text, 3, "FloatVector sum = first");
    for (int k = 0; k < NINE; k++) {
      line(text, 3, "sum = fromArray(SPECIES, x, p" + k + " + step).fma(w" + k + ", sum)");
    }
    line(text, 3, "sum.intoArray(y, to + k * BLOCK)");
    text.append("    }\n  }\n");
    return text.toString();
  }

  private static String outerLoops() {
    return source(List.of(COUNT, SPECIES, BROADCAST, FROM_ARRAY), """
        /** The loops of OuterProductTile, one for each number of rows and vectors. Written by TileWriter. */
        abstract class OuterProductTileLoops {
          public float[] numbers = {};
          public float[] vectors = {};

          /** The sums: from {@code sumsAt} on, row by row, vector by vector. */
          public float[] sums = {};

          public int sumsAt;

          /** The places, among the numbers and among the vectors. */
          public int[] numberPositions = {};

          public int[] vectorPositions = {};

          /** Where the rows lie behind a place; only the first counts where they lie side by side. */
          public final int[] rows = new int[8];

          /** Floats from one vector of a place to the next. */
          public int step;
        """, OUTER_TILES, TileWriter::outerLoop);
  }

  private static String outerLoop(Shape shape) {
    StringBuilder text = new StringBuilder();
    text.append("\n  final void ").append(shape.name()).append("(int numbersAt, int vectorsAt, int count) {\n");
    line(text, 2, "float[] x = numbers, w = vectors, s = sums");
    line(text, 2, "int[] ps = numberPositions, qs = vectorPositions");
    line(text, 2, "int at = sumsAt, second = step");
    for (int p = 0; p < shape.positions; p++) {
      int row = p;
      line(text, 2, "FloatVector "
          + each(shape.vectors, ", ",
              v -> sum(row, v) + " = fromArray(SPECIES, s, at" + plus(times(row * shape.vectors + v, "COUNT")) + ")"));
    }
    line(text, 2, "int " + each(shape.contiguous ? 1 : shape.positions, ", ", p -> "r" + p + " = numbersAt + rows[" + p + "]"));
    text.append("    for (int k = 0; k < count; k++) {\n");
    line(text, 3, "int p = ps[k]" + (shape.contiguous ? " + r0" : "") + ", q = vectorsAt + qs[k]");
    line(text, 3, "FloatVector "
        + each(shape.vectors, ", ", v -> "w" + v + " = fromArray(SPECIES, w, q" + plus(times(v, "second")) + ")"));
    for (int p = 0; p < shape.positions; p++) {
      int row = p;
      line(text, 3, "FloatVector v" + p + " = broadcast(SPECIES, x[p" + (shape.contiguous ? plus(p) : " + r" + p) + "])");
      line(text, 3, each(shape.vectors, "; ", v -> sum(row, v) + " = v" + row + ".fma(w" + v + ", " + sum(row, v) + ")"));
    }
    text.append("    }\n");
    for (int p = 0; p < shape.positions; p++) {
      int row = p;
      line(text, 2, each(shape.vectors, "; ",
          v -> sum(row, v) + ".intoArray(s, at" + plus(times(row * shape.vectors + v, "COUNT")) + ")"));
    }
    text.append("  }\n");
    return text.toString();
  }

  private static String channelLoops() {
    return source(List.of(BLOCK, COUNT, SPECIES, BROADCAST, FROM_ARRAY), """
        /** The loops of Tile16c, one for each number of places and vectors. Written by TileWriter. */
        abstract class Tile16cLoops {
          public float[] in = {};
          public float[] weights = {};
          public float[] out = {};

          /** What the sums begin with, a number a filter. */
          public final float[] start = new float[4 * COUNT];

          /** Where each tap lies behind a place of the input, and its row in the weights. */
          public int[] distances = {};

          public int[] numbers = {};

          /** How many of the first taps come in fours whose weights lie side by side, and in the input too where places lie apart. */
          public int fours;

          /** The most places that one call takes. */
          public static final int MOST = 24;

          /** The places of the input, of which only the first counts where they lie side by side, and where the sums of each go. */
          public final int[] positions = new int[MOST];

          public final int[] targets = new int[MOST];

          /** Where sums that begin with {@link #start} begin. */
          private final int[] zeros = new int[MOST];

          /** Floats from one vector of a place's sums to the next. */
          public int outStep;
        """, CHANNEL_TILES, TileWriter::channelLoop);
  }

  /** A loop over taps that come in fours and one over single taps: two methods, since both at once are more than C2 takes in. */
  private static String channelLoop(Shape shape) {
    StringBuilder text = new StringBuilder();
    text.append("""

          final void NAME(int first, int weight, boolean goesOn) {
            float[] from = goesOn ? out : start;
            int[] begins = goesOn ? targets : zeros;
            int next = goesOn ? outStep : COUNT;
            if (fours > 0) {
              NAMEFours(first, weight, from, begins, next);
              from = out;
              begins = targets;
              next = outStep;
            }
            if (fours < distances.length || fours == 0) {
              NAMEOnes(first, weight, from, begins, next);
            }
          }
        """.replace("NAME", shape.name()));
    head(text, shape, "Fours");
    loop(text, shape, "int k = 0; k < fours; k += " + UNROLLED, UNROLLED);
    store(text, shape);
    head(text, shape, "Ones");
    loop(text, shape, "int k = fours; k < d.length; k++", 1);
    store(text, shape);
    return text.toString();
  }

  /**
   * Where sums begin is an argument: a branch within would have C2 leave out sums that go on until the first do, and compile the loop
   * a second time.
   */
  private static void head(StringBuilder text, Shape shape, String taps) {
    text.append("\n  private void ").append(shape.name()).append(taps)
        .append("(int first, int weight, float[] from, int[] begins, int next) {\n");
    for (int p = 0; p < shape.positions; p++) {
      int position = p;
      line(text, 2, "int b" + p + " = begins[first + " + p + "]");
      line(text, 2, "FloatVector "
          + each(shape.vectors, ", ",
              v -> sum(position, v) + " = fromArray(SPECIES, from, b" + position + plus(times(v, "next")) + ")"));
    }
    line(text, 2, "int " + each(shape.contiguous ? 1 : shape.positions, ", ", p -> "p" + p + " = positions[first + " + p + "]"));
    line(text, 2, "float[] x = in, w = weights");
    line(text, 2, "int[] d = distances, n = numbers");
  }

  /**
   * Where places lie side by side each tap reads its distance for itself: the check of the input's bounds that it brings keeps C2 from
   * drawing the loads of all four to the front, where they do not fit the registers. Places apart have a check each.
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
      line(text, 2, "int t" + p + " = targets[first + " + p + "]");
      line(text, 2, each(shape.vectors, "; ",
          v -> sum(position, v) + ".intoArray(y, t" + position + plus(times(v, "step")) + ")"));
    }
    text.append("  }\n");
  }

  /** The products of one tap: its weights are loaded once, its inputs spread one by one. */
  private static void products(StringBuilder text, Shape shape, int tap) {
    text.append("      {\n");
    line(text, 4, "FloatVector "
        + each(shape.vectors, ", ",
            v -> "w" + v + " = fromArray(SPECIES, w, q" + plus(times(tap * shape.vectors + v, "COUNT")) + ")"));
    for (int p = 0; p < shape.positions; p++) {
      int position = p;
      String at = shape.contiguous ? "t" + tap + plus(times(p, "BLOCK")) : "t0 + p" + p + plus(tap);
      line(text, 4, "FloatVector v" + p + " = broadcast(SPECIES, x[" + at + "])");
      line(text, 4, each(shape.vectors, "; ",
          v -> sum(position, v) + " = v" + position + ".fma(w" + v + ", " + sum(position, v) + ")"));
    }
    text.append("      }\n");
  }

  private static String sum(int position, int vector) {
    return "a" + position + "_" + vector;
  }

  /** {@code 3 * COUNT}; nothing for no times. */
  private static String times(int count, String what) {
    return count == 0 ? "" : count == 1 ? what : count + " * " + what;
  }

  private static String plus(int number) {
    return number == 0 ? "" : " + " + number;
  }

  private static String plus(String term) {
    return term.isEmpty() ? "" : " + " + term;
  }

  private static String each(int count, String between, IntFunction<String> part) {
    return IntStream.range(0, count).mapToObj(part).collect(Collectors.joining(between));
  }

  private static void line(StringBuilder text, int depth, String statement) {
    text.append("  ".repeat(depth)).append(statement).append(";\n");
  }
}

package dev.fovea.cpu.vector.linear;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.OuterProductTile;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The product of rows with a matrix, its columns in the lanes, for few rows: the way back through a fully connected layer. The matrix
 * is large and each number of it is used but once a row, so it is read as it lies, never copied as a whole. A unit is a strip of the result's
 * columns.
 */
public final class Gemm16c {
  /** Columns of a unit: half a page of a row at a time. */
  private static final int STRIP = 512;

  /** Terms that are summed before the next columns' turn: so many rows are read side by side. */
  private static final int DEPTH = 16;

  private static final int START = Layout.CACHE_LINE_START;

  /** Columns that a tile takes. */
  private static final int PAIR = 2 * Lanes.COUNT;

  private final int rows;
  private final int inner;
  private final int columns;
  private final int rowStride;
  private final int outStride;
  private final int[] numberPositions;
  private final int[] matrixPositions;
  private final int[] scratchPositions;

  /** Of a product of {@code x}, which lies plain or by channels. */
  public Gemm16c(Shape x, Shape out, Layout from) {
    rows = out.dim(0);
    inner = x.dim(1);
    columns = out.dim(1);
    rowStride = from == Layout.NCHW ? inner : Layout.channelBlocks(x) * Layout.BLOCK;
    outStride = Layout.channelBlocks(out) * Layout.BLOCK;
    numberPositions = IntStream.range(0, DEPTH).toArray();
    matrixPositions = IntStream.range(0, DEPTH).map(k -> k * columns).toArray();
    scratchPositions = IntStream.range(0, DEPTH).map(k -> START + k * PAIR).toArray();
  }

  /** Inputs: the rows, the matrix, and at will a row to begin with. */
  public EpilogueKernel kernel() {
    return (in, out, epilogue) -> Task.of(
        Math.ceilDiv(columns, STRIP),
        (m, from, to) -> {
          Walk walk = new Walk(m, in, out, epilogue);
          for (int unit = from; unit < to; unit++) {
            walk.unit(unit * STRIP, Math.min(columns, (unit + 1) * STRIP));
          }
        });
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    private final Memory m;
    private final Epilogue epilogue;
    private final OuterProductTile tile = new OuterProductTile();
    private final float[] scratch = new float[START + DEPTH * PAIR];
    private final float[] matrix;
    private final int matrixAt;
    private final int rowsAt;
    private final float[] y;
    private final int yAt;
    private final float[] start;
    private final int startAt;

    Walk(Memory m, List<Address> in, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      tile.numbers = m.array(in.get(0).array());
      tile.numberPositions = numberPositions;
      tile.step = Lanes.COUNT;
      tile.sums = new float[START + Math.ceilDiv(rows, OuterProductTile.MOST) * OuterProductTile.MOST * STRIP];
      rowsAt = in.get(0).offset();
      matrix = m.array(in.get(1).array());
      matrixAt = in.get(1).offset();
      boolean bias = in.size() == 3;
      start = bias ? m.array(in.get(2).array()) : new float[columns];
      startAt = bias ? in.get(2).offset() : 0;
      y = m.array(out.array());
      yAt = out.offset();
    }

    void unit(int first, int end) {
      for (int column = first; column < end; column += PAIR) {
        for (int row = 0; row < rows; row++) {
          System.arraycopy(start, startAt + column, tile.sums, sums(column - first, row), Math.min(PAIR, end - column));
        }
      }
      for (int k = 0; k < inner; k += DEPTH) {
        int count = Math.min(DEPTH, inner - k);
        for (int column = first; column < end; column += PAIR) {
          boolean copied = column + PAIR > columns;
          if (copied) {
            copy(column, Math.min(PAIR, end - column), k, count);
          }
          tile.vectors = copied ? scratch : matrix;
          tile.vectorPositions = copied ? scratchPositions : matrixPositions;
          multiply(column - first, k, copied ? 0 : matrixAt + k * columns + column, count);
        }
      }
      for (int column = first; column < end; column += PAIR) {
        for (int row = 0; row < rows; row++) {
          int to = yAt + row * outStride + column;
          int own = Math.min(PAIR, end - column);
          System.arraycopy(tile.sums, sums(column - first, row), y, to, own);
          epilogue.run(m, to, Math.ceilDiv(own, Lanes.COUNT) * Lanes.COUNT);
        }
      }
    }

    /** Where a row's sums of a pair of vectors lie. */
    private int sums(int column, int row) {
      return START + column * Math.ceilDiv(rows, OuterProductTile.MOST) * OuterProductTile.MOST + row * PAIR;
    }

    private void multiply(int column, int k, int vectorsAt, int count) {
      for (int row = 0; row < rows; row += OuterProductTile.MOST) {
        int width = OuterProductTile.width(rows - row);
        for (int i = 0; i < width; i++) {
          tile.rows[i] = Math.min(row + i, rows - 1) * rowStride;
        }
        tile.sumsAt = sums(column, row);
        tile.strided(width, 2, rowsAt + k, vectorsAt, count);
      }
    }

    /** Columns so near the matrix's end that vectors would reach beyond it. */
    private void copy(int column, int lanes, int k, int count) {
      for (int i = 0; i < count; i++) {
        System.arraycopy(matrix, matrixAt + (k + i) * columns + column, scratch, START + i * PAIR, lanes);
      }
    }
  }
}

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
 * The product of rows with a matrix, with columns in the lanes, for few rows: the backward pass of a fully connected layer. The
 * matrix is large and each element is used only once per row, so it is read in its own layout, never packed. A unit is a strip of
 * the result's columns.
 */
public final class Gemm16c {
  /** Columns of a unit: half a memory page of a row at a time. */
  private static final int STRIP_COLUMNS = 512;

  /** The number of terms that are summed before the next columns: this many rows of the matrix are read in parallel. */
  private static final int MAX_DEPTH = 16;

  private static final int START = Layout.CACHE_LINE_START;

  /** Columns of a tile. */
  private static final int PAIR_LANES = 2 * Lanes.COUNT;

  private final int rows;
  private final int inner;
  private final int columns;
  private final int rowStride;
  private final int outStride;
  private final int[] scalarOffsets;
  private final int[] matrixPositions;
  private final int[] scratchPositions;

  /** Plans a product whose first operand has shape {@code x} and is in layout {@code from}, NCHW or NCHW16C. */
  public Gemm16c(Shape x, Shape out, Layout from) {
    rows = out.dim(0);
    inner = x.dim(1);
    columns = out.dim(1);
    rowStride = from == Layout.NCHW ? inner : Layout.channelBlocks(x) * Layout.BLOCK;
    outStride = Layout.channelBlocks(out) * Layout.BLOCK;
    scalarOffsets = IntStream.range(0, MAX_DEPTH).toArray();
    matrixPositions = IntStream.range(0, MAX_DEPTH).map(k -> k * columns).toArray();
    scratchPositions = IntStream.range(0, MAX_DEPTH).map(k -> START + k * PAIR_LANES).toArray();
  }

  /** Inputs: the rows, the matrix, and optionally a bias row. */
  public EpilogueKernel kernel() {
    return (in, out, epilogue) -> Task.of(
        Math.ceilDiv(columns, STRIP_COLUMNS),
        (m, from, to) -> {
          Worker worker = new Worker(m, in, out, epilogue);
          for (int unit = from; unit < to; unit++) {
            worker.unit(unit * STRIP_COLUMNS, Math.min(columns, (unit + 1) * STRIP_COLUMNS));
          }
        });
  }

  /** The state of one thread for its units. */
  private final class Worker {
    private final Memory m;
    private final Epilogue epilogue;
    private final OuterProductTile tile = new OuterProductTile();
    private final float[] scratch = new float[START + MAX_DEPTH * PAIR_LANES];
    private final float[] matrix;
    private final int matrixAt;
    private final int rowsAt;
    private final float[] y;
    private final int yAt;
    private final float[] start;
    private final int startAt;

    Worker(Memory m, List<Address> in, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      tile.scalars = m.array(in.get(0).array());
      tile.scalarOffsets = scalarOffsets;
      tile.vectorStep = Lanes.COUNT;
      tile.sums = new float[START + Math.ceilDiv(rows, OuterProductTile.MAX_ROWS) * OuterProductTile.MAX_ROWS * STRIP_COLUMNS];
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
      for (int column = first; column < end; column += PAIR_LANES) {
        for (int row = 0; row < rows; row++) {
          System.arraycopy(start, startAt + column, tile.sums, sumsOffset(column - first, row),
              Math.min(PAIR_LANES, end - column));
        }
      }
      for (int k = 0; k < inner; k += MAX_DEPTH) {
        int count = Math.min(MAX_DEPTH, inner - k);
        for (int column = first; column < end; column += PAIR_LANES) {
          boolean copied = column + PAIR_LANES > columns;
          if (copied) {
            copy(column, Math.min(PAIR_LANES, end - column), k, count);
          }
          tile.vectors = copied ? scratch : matrix;
          tile.vectorOffsets = copied ? scratchPositions : matrixPositions;
          multiply(column - first, k, copied ? 0 : matrixAt + k * columns + column, count);
        }
      }
      for (int column = first; column < end; column += PAIR_LANES) {
        for (int row = 0; row < rows; row++) {
          int to = yAt + row * outStride + column;
          int own = Math.min(PAIR_LANES, end - column);
          System.arraycopy(tile.sums, sumsOffset(column - first, row), y, to, own);
          epilogue.run(m, to, Math.ceilDiv(own, Lanes.COUNT) * Lanes.COUNT);
        }
      }
    }

    /** The offset of a row's sums of a pair of vectors. */
    private int sumsOffset(int column, int row) {
      return START + column * Math.ceilDiv(rows, OuterProductTile.MAX_ROWS) * OuterProductTile.MAX_ROWS + row * PAIR_LANES;
    }

    private void multiply(int column, int k, int vectorsAt, int count) {
      for (int row = 0; row < rows; row += OuterProductTile.MAX_ROWS) {
        int width = OuterProductTile.width(rows - row);
        for (int i = 0; i < width; i++) {
          tile.rowOffsets[i] = Math.min(row + i, rows - 1) * rowStride;
        }
        tile.sumsOffset = sumsOffset(column, row);
        tile.strided(width, 2, rowsAt + k, vectorsAt, count);
      }
    }

    /** Copies columns so near the end of the matrix that vectors would extend beyond it. */
    private void copy(int column, int lanes, int k, int count) {
      for (int i = 0; i < count; i++) {
        System.arraycopy(matrix, matrixAt + (k + i) * columns + column, scratch, START + i * PAIR_LANES, lanes);
      }
    }
  }
}

package dev.fovea.cpu.vector.linear;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;

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
 * A fully connected layer of images in NCHW16n: the matrix, which has a row for each output, is read once and in its own layout,
 * some rows in parallel, each element for all images. Large matrices are bound by memory, so that even one image with fifteen
 * empty lanes is faster than transposing the matrix. The result is in NCHW16c. A unit is a block of outputs.
 */
public final class Gemm16n {
  private static final int BLOCK = Layout.BLOCK;
  private static final int START = Layout.CACHE_LINE_START;

  /**
   * The number of terms that are summed before the next rows: this many elements of two vectors of images stay in the first-level
   * cache.
   */
  private static final int MAX_DEPTH = 256;

  /** Vectors of images of a call. */
  private static final int PAIR_VECTORS = 2;

  private final int images;
  private final int inner;
  private final int outputs;
  private final int vectors;
  private final int outStride;
  private final int[] scalarOffsets = IntStream.range(0, MAX_DEPTH).toArray();
  private final int[] vectorOffsets = IntStream.range(0, MAX_DEPTH).map(k -> k * BLOCK).toArray();

  public Gemm16n(Shape x, Shape out) {
    images = out.dim(0);
    inner = x.dim(1);
    outputs = out.dim(1);
    vectors = images / BLOCK * (BLOCK / COUNT) + Math.ceilDiv(images % BLOCK, COUNT);
    outStride = Layout.channelBlocks(out) * BLOCK;
  }

  /** Inputs: the images in NCHW16n, the matrix, and optionally a bias row. */
  public EpilogueKernel kernel() {
    return (in, out, epilogue) -> Task.of(Math.ceilDiv(outputs, BLOCK), (m, from, to) -> {
      Worker worker = new Worker(m, in, out, epilogue);
      for (int unit = from; unit < to; unit++) {
        worker.unit(unit * BLOCK);
      }
    });
  }

  /** The state of one thread for its units. */
  private final class Worker {
    private final Memory m;
    private final Epilogue epilogue;
    private final OuterProductTile tile = new OuterProductTile();
    private final int imagesAt;
    private final int matrixAt;
    private final float[] start;
    private final int startAt;
    private final float[] y;
    private final int yAt;

    Worker(Memory m, List<Address> in, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      tile.vectors = m.array(in.get(0).array());
      imagesAt = in.get(0).offset();
      tile.scalars = m.array(in.get(1).array());
      matrixAt = in.get(1).offset();
      boolean bias = in.size() == 3;
      start = bias ? m.array(in.get(2).array()) : new float[outputs];
      startAt = bias ? in.get(2).offset() : 0;
      tile.scalarOffsets = scalarOffsets;
      tile.vectorOffsets = vectorOffsets;
      tile.vectorStep = vectorOffset(1);
      tile.sums = new float[START + BLOCK * vectors * COUNT];
      y = m.array(out.array());
      yAt = out.offset();
    }

    void unit(int first) {
      int count = Math.min(BLOCK, outputs - first);
      for (int output = 0; output < BLOCK; output++) {
        float initial = output < count ? start[startAt + first + output] : 0;
        for (int v = 0; v < vectors; v++) {
          Lanes.broadcast(initial).intoArray(tile.sums, sumsOffset(output, v));
        }
      }
      for (int k = 0; k < inner; k += MAX_DEPTH) {
        for (int v = 0; v < vectors; v += PAIR_VECTORS) {
          for (int output = 0; output < count; output += OuterProductTile.MAX_ROWS) {
            multiply(first, output, count, v, k);
          }
        }
      }
      for (int image = 0; image < images; image++) {
        int to = yAt + image * outStride + first;
        for (int output = 0; output < count; output++) {
          y[to + output] = tile.sums[sumsOffset(output, image / COUNT) + image % COUNT];
        }
        epilogue.run(m, to, Math.ceilDiv(count, COUNT) * COUNT);
      }
    }

    private void multiply(int first, int output, int count, int v, int k) {
      int width = OuterProductTile.width(count - output);
      for (int i = 0; i < width; i++) {
        tile.rowOffsets[i] = Math.min(first + output + i, outputs - 1) * inner;
      }
      tile.sumsOffset = sumsOffset(output, v);
      tile.strided(width, Math.min(PAIR_VECTORS, vectors - v), matrixAt + k, imagesAt + vectorOffset(v) + k * BLOCK,
          Math.min(MAX_DEPTH, inner - k));
    }

    /**
     * The offset of an output's sums of a vector of images. They are in the order of the calls, each of which computes
     * {@link OuterProductTile#MAX_ROWS} outputs for a pair of vectors.
     */
    private int sumsOffset(int output, int v) {
      int call = output / OuterProductTile.MAX_ROWS * OuterProductTile.MAX_ROWS * vectors;
      int pair = Math.min(PAIR_VECTORS, vectors - v / PAIR_VECTORS * PAIR_VECTORS);
      return START + (call + v / PAIR_VECTORS * PAIR_VECTORS * OuterProductTile.MAX_ROWS
          + output % OuterProductTile.MAX_ROWS * pair + v % PAIR_VECTORS) * COUNT;
    }
  }

  /** The offset of a vector of images. */
  private int vectorOffset(int v) {
    int lane = v * COUNT;
    return lane / BLOCK * inner * BLOCK + lane % BLOCK;
  }
}

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
 * A fully connected layer with images in the lanes: the matrix, a row an output, is read once and as it lies, some rows side by
 * side, each number for all images. Large matrices wait for memory, so that even one image with fifteen empty lanes is faster so than by a matrix
 * that is turned on its way. The result lies by channels. A unit is a block of outputs.
 */
public final class Gemm16n {
  private static final int BLOCK = Layout.BLOCK;
  private static final int START = Layout.CACHE_LINE_START;

  /** Terms that are summed before the next rows' turn: so many numbers of two vectors of images the first cache keeps for them. */
  private static final int DEPTH = 256;

  /** Vectors of images that a call takes. */
  private static final int PAIR = 2;

  private final int images;
  private final int inner;
  private final int outputs;
  private final int vectors;
  private final int outStride;
  private final int[] numberPositions = IntStream.range(0, DEPTH).toArray();
  private final int[] vectorPositions = IntStream.range(0, DEPTH).map(k -> k * BLOCK).toArray();

  public Gemm16n(Shape x, Shape out) {
    images = out.dim(0);
    inner = x.dim(1);
    outputs = out.dim(1);
    vectors = images / BLOCK * (BLOCK / COUNT) + Math.ceilDiv(images % BLOCK, COUNT);
    outStride = Layout.channelBlocks(out) * BLOCK;
  }

  /** Inputs: the images in lanes, the matrix, and at will a row to begin with. */
  public EpilogueKernel kernel() {
    return (in, out, epilogue) -> Task.of(Math.ceilDiv(outputs, BLOCK), (m, from, to) -> {
      Walk walk = new Walk(m, in, out, epilogue);
      for (int unit = from; unit < to; unit++) {
        walk.unit(unit * BLOCK);
      }
    });
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    private final Memory m;
    private final Epilogue epilogue;
    private final OuterProductTile tile = new OuterProductTile();
    private final int imagesAt;
    private final int matrixAt;
    private final float[] start;
    private final int startAt;
    private final float[] y;
    private final int yAt;

    Walk(Memory m, List<Address> in, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      tile.vectors = m.array(in.get(0).array());
      imagesAt = in.get(0).offset();
      tile.numbers = m.array(in.get(1).array());
      matrixAt = in.get(1).offset();
      boolean bias = in.size() == 3;
      start = bias ? m.array(in.get(2).array()) : new float[outputs];
      startAt = bias ? in.get(2).offset() : 0;
      tile.numberPositions = numberPositions;
      tile.vectorPositions = vectorPositions;
      tile.step = vector(1);
      tile.sums = new float[START + BLOCK * vectors * COUNT];
      y = m.array(out.array());
      yAt = out.offset();
    }

    void unit(int first) {
      int count = Math.min(BLOCK, outputs - first);
      for (int output = 0; output < BLOCK; output++) {
        float begin = output < count ? start[startAt + first + output] : 0;
        for (int v = 0; v < vectors; v++) {
          Lanes.all(begin).intoArray(tile.sums, sums(output, v));
        }
      }
      for (int k = 0; k < inner; k += DEPTH) {
        for (int v = 0; v < vectors; v += PAIR) {
          for (int output = 0; output < count; output += OuterProductTile.MOST) {
            multiply(first, output, count, v, k);
          }
        }
      }
      for (int image = 0; image < images; image++) {
        int to = yAt + image * outStride + first;
        for (int output = 0; output < count; output++) {
          y[to + output] = tile.sums[sums(output, image / COUNT) + image % COUNT];
        }
        epilogue.run(m, to, Math.ceilDiv(count, COUNT) * COUNT);
      }
    }

    private void multiply(int first, int output, int count, int v, int k) {
      int width = OuterProductTile.width(count - output);
      for (int i = 0; i < width; i++) {
        tile.rows[i] = Math.min(first + output + i, outputs - 1) * inner;
      }
      tile.sumsAt = sums(output, v);
      tile.strided(width, Math.min(PAIR, vectors - v), matrixAt + k, imagesAt + vector(v) + k * BLOCK,
          Math.min(DEPTH, inner - k));
    }

    /** Where an output's sums of a vector of images lie: as calls of {@link OuterProductTile#MOST} outputs and a pair of vectors leave them. */
    private int sums(int output, int v) {
      int call = output / OuterProductTile.MOST * OuterProductTile.MOST * vectors;
      int pair = Math.min(PAIR, vectors - v / PAIR * PAIR);
      return START + (call + v / PAIR * PAIR * OuterProductTile.MOST + output % OuterProductTile.MOST * pair + v % PAIR) * COUNT;
    }
  }

  /** Where a vector of images begins. */
  private int vector(int v) {
    int lane = v * COUNT;
    return lane / BLOCK * inner * BLOCK + lane % BLOCK;
  }
}

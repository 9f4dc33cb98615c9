package dev.fovea.cpu.vector.microkernel;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;

import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;

/**
 * The multiply-add kernel of convolutions in NCHW16c: for some positions and up to four vectors of filters, an initial value plus
 * the sum over a list of taps of input value times vector of weights. Positions that are contiguous in the input are a fifth faster
 * than strided ones. The loops are generated; what {@link Tile16n} says of its sums holds for them too.
 */
public final class Tile16c extends Tile16cLoops {
  /** The maximum number of vectors of filters: what fits the registers, of which there are 32 if vectors have 16 lanes, else 16. */
  public static final int MAX_VECTORS = COUNT == 16 ? 4 : 2;

  /** The number of taps whose weights, of a full tile, stay in the first-level cache while the other positions read them again. */
  public static final int CACHED_TAPS = 256;

  /** Contiguous positions that are computed at a time; half of that for some numbers of vectors. */
  private static final int WIDTH = 12;

  /** Whether the positions are contiguous in the input. */
  public boolean contiguous;

  /** The number of contiguous positions that are computed if {@code count} are requested. */
  public static int roundUp(int count, int vectors) {
    return Math.ceilDiv(count, width(vectors)) * width(vectors);
  }

  /** The same for any number of vectors: an upper bound. */
  public static int roundUp(int count) {
    return Math.ceilDiv(count, WIDTH) * WIDTH;
  }

  private static int width(int vectors) {
    return vectors == 4 || vectors == 2 && COUNT < 16 ? WIDTH / 2 : WIDTH;
  }

  /**
   * Computes the sums of {@code vectors} vectors for the first {@code count} positions, and for some more up to
   * {@link #MAX_POSITIONS}; of contiguous positions, up to {@link #roundUp}.
   *
   * @param weight the offset of the weights
   * @param accumulate whether the products are added to what is in the output, not to the initial values
   */
  public void run(int count, int vectors, int weight, boolean accumulate) {
    if (contiguous) {
      contiguous(count, vectors, weight, accumulate);
    } else {
      strided(count, vectors, weight, accumulate);
    }
  }

  private void contiguous(int count, int vectors, int weight, boolean accumulate) {
    if (count == 1) {
      single(vectors, weight, accumulate);
      return;
    }
    int width = width(vectors);
    for (int at = 0; at < count; at += width) {
      if (vectors == 4) {
        contiguous6x4(at, weight, accumulate);
      } else if (vectors == 1) {
        contiguous12x1(at, weight, accumulate);
      } else if (COUNT == 16) {
        contiguous12x2(at, weight, accumulate);
      } else {
        contiguous6x2(at, weight, accumulate);
      }
    }
  }

  /** A matrix times one row, which is bound by reading the matrix: computing unused positions would gain nothing. */
  private void single(int vectors, int weight, boolean accumulate) {
    switch (vectors) {
      case 4 -> contiguous1x4(0, weight, accumulate);
      case 2 -> contiguous1x2(0, weight, accumulate);
      default -> contiguous1x1(0, weight, accumulate);
    }
  }

  private void strided(int count, int vectors, int weight, boolean accumulate) {
    int width = vectors == 4 || vectors == 2 && COUNT < 16 ? 4 : 8;
    for (int at = 0; at < count; at += width) {
      if (vectors == 4) {
        strided4x4(at, weight, accumulate);
      } else if (vectors == 1) {
        strided8x1(at, weight, accumulate);
      } else if (COUNT == 16) {
        strided8x2(at, weight, accumulate);
      } else {
        strided4x2(at, weight, accumulate);
      }
    }
  }

  /** Applies an epilogue to the sums of positions {@code first} up to {@code end}; contiguous ones take one call. */
  public void applyEpilogue(Memory m, Epilogue epilogue, int first, int end, int vectors) {
    boolean fused = vectors == 2 && outStep == COUNT;
    int span = fused ? 2 * COUNT : COUNT;
    for (int v = 0; v < (fused ? 1 : vectors); v++) {
      for (int i = first; i < end;) {
        int from = outOffsets[i];
        int next = from + span;
        for (i++; i < end && outOffsets[i] == next; i++) {
          next += span;
        }
        epilogue.run(m, from + v * outStep, next - from);
      }
    }
  }

  /** The throughput of one thread with all data in the first-level cache: the best of some runs of a fiftieth of a second. */
  public static double multiplyAddsPerSecond() {
    Tile16c tile = new Tile16c();
    int at = Layout.CACHE_LINE_START;
    tile.contiguous = true;
    tile.tapOffsets = new int[CACHED_TAPS];
    tile.weightRows = new int[CACHED_TAPS];
    tile.unrolledTaps = CACHED_TAPS;
    tile.in = new float[at + MAX_POSITIONS * CACHED_TAPS];
    tile.weights = new float[at + MAX_VECTORS * COUNT * CACHED_TAPS];
    tile.out = new float[at + MAX_VECTORS * COUNT * MAX_POSITIONS];
    for (int i = 0; i < MAX_POSITIONS; i++) {
      tile.inOffsets[i] = at + i * Layout.BLOCK;
      tile.outOffsets[i] = at + MAX_VECTORS * COUNT * i;
    }
    for (int tap = 0; tap < CACHED_TAPS; tap++) {
      tile.tapOffsets[tap] = tap / Layout.BLOCK * MAX_POSITIONS * Layout.BLOCK + tap % Layout.BLOCK;
      tile.weightRows[tap] = tap;
    }
    tile.outStep = COUNT;
    double best = 0;
    for (int run = 0; run < 40; run++) {
      long began = System.nanoTime();
      long calls = 0;
      for (; System.nanoTime() - began < 20_000_000; calls += 100) {
        for (int i = 0; i < 100; i++) {
          tile.run(MAX_POSITIONS, MAX_VECTORS, at, false);
        }
      }
      best =
          Math.max(best, calls * (double) MAX_VECTORS * COUNT * MAX_POSITIONS * CACHED_TAPS / (System.nanoTime() - began) * 1e9);
    }
    return best;
  }
}

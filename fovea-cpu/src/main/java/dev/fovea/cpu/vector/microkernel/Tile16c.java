package dev.fovea.cpu.vector.microkernel;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;

import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;

/**
 * The multiply-add kernel of convolutions on channels in the lanes: for some places and up to four vectors of filters, a start plus
 * the sum over a list of taps of input number times vector of weights. Places that lie side by side in the input are a fifth faster
 * than places apart. The loops are generated; what {@link Tile16n} says of its sums holds for them too.
 */
public final class Tile16c extends Tile16cLoops {
  /** The most vectors of filters: what fits the registers, 32 where vectors have 16 lanes and 16 elsewhere. */
  public static final int VECTORS = COUNT == 16 ? 4 : 2;

  /** So many taps of a full tile's weights stay in the first caches, from where the other places read them again. */
  public static final int TAPS = 256;

  /** Places side by side are computed so many at a time, or half of that. */
  private static final int WIDTH = 12;

  /** Whether the places lie side by side. */
  public boolean contiguous;

  /** So many places are computed, where they lie side by side, when {@code count} are asked for. */
  public static int whole(int count, int vectors) {
    return Math.ceilDiv(count, width(vectors)) * width(vectors);
  }

  /** The same for whatever filters. */
  public static int whole(int count) {
    return Math.ceilDiv(count, WIDTH) * WIDTH;
  }

  private static int width(int vectors) {
    return vectors == 4 || vectors == 2 && COUNT < 16 ? WIDTH / 2 : WIDTH;
  }

  /**
   * Computes the sums of {@code vectors} vectors for the first {@code count} places, and for some more up to {@link #MOST}: where side
   * by side, up to {@link #whole}.
   *
   * @param weight where the weights begin
   * @param goesOn whether the sums go on with what lies where they will lie
   */
  public void run(int count, int vectors, int weight, boolean goesOn) {
    if (contiguous) {
      contiguous(count, vectors, weight, goesOn);
    } else {
      strided(count, vectors, weight, goesOn);
    }
  }

  private void contiguous(int count, int vectors, int weight, boolean goesOn) {
    if (count == 1) {
      one(vectors, weight, goesOn);
      return;
    }
    int width = width(vectors);
    for (int at = 0; at < count; at += width) {
      if (vectors == 4) {
        contiguous6x4(at, weight, goesOn);
      } else if (vectors == 1) {
        contiguous12x1(at, weight, goesOn);
      } else if (COUNT == 16) {
        contiguous12x2(at, weight, goesOn);
      } else {
        contiguous6x2(at, weight, goesOn);
      }
    }
  }

  /** A matrix times one row, which waits for the matrix: nothing is gained by rows that nobody asked for. */
  private void one(int vectors, int weight, boolean goesOn) {
    switch (vectors) {
      case 4 -> contiguous1x4(0, weight, goesOn);
      case 2 -> contiguous1x2(0, weight, goesOn);
      default -> contiguous1x1(0, weight, goesOn);
    }
  }

  private void strided(int count, int vectors, int weight, boolean goesOn) {
    int width = vectors == 4 || vectors == 2 && COUNT < 16 ? 4 : 8;
    for (int at = 0; at < count; at += width) {
      if (vectors == 4) {
        strided4x4(at, weight, goesOn);
      } else if (vectors == 1) {
        strided8x1(at, weight, goesOn);
      } else if (COUNT == 16) {
        strided8x2(at, weight, goesOn);
      } else {
        strided4x2(at, weight, goesOn);
      }
    }
  }

  /** Applies a epilogue to the sums of the places from {@code first} up to {@code end}, those that lie side by side at once. */
  public void finish(Memory m, Epilogue epilogue, int first, int end, int vectors) {
    boolean fused = vectors == 2 && outStep == COUNT;
    int span = fused ? 2 * COUNT : COUNT;
    for (int v = 0; v < (fused ? 1 : vectors); v++) {
      for (int i = first; i < end;) {
        int from = targets[i];
        int behind = from + span;
        for (i++; i < end && targets[i] == behind; i++) {
          behind += span;
        }
        epilogue.run(m, from + v * outStep, behind - from);
      }
    }
  }

  /** What a thread reaches with everything in its first caches: the best of some runs of a fiftieth of a second. */
  public static double multiplyAddsPerSecond() {
    Tile16c tile = new Tile16c();
    int at = Layout.CACHE_LINE_START;
    tile.contiguous = true;
    tile.distances = new int[TAPS];
    tile.numbers = new int[TAPS];
    tile.fours = TAPS;
    tile.in = new float[at + MOST * TAPS];
    tile.weights = new float[at + VECTORS * COUNT * TAPS];
    tile.out = new float[at + VECTORS * COUNT * MOST];
    for (int i = 0; i < MOST; i++) {
      tile.positions[i] = at + i * Layout.BLOCK;
      tile.targets[i] = at + VECTORS * COUNT * i;
    }
    for (int tap = 0; tap < TAPS; tap++) {
      tile.distances[tap] = tap / Layout.BLOCK * MOST * Layout.BLOCK + tap % Layout.BLOCK;
      tile.numbers[tap] = tap;
    }
    tile.outStep = COUNT;
    double best = 0;
    for (int run = 0; run < 40; run++) {
      long began = System.nanoTime();
      long calls = 0;
      for (; System.nanoTime() - began < 20_000_000; calls += 100) {
        for (int i = 0; i < 100; i++) {
          tile.run(MOST, VECTORS, at, false);
        }
      }
      best = Math.max(best, calls * (double) VECTORS * COUNT * MOST * TAPS / (System.nanoTime() - began) * 1e9);
    }
    return best;
  }
}

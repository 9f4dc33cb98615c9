package dev.fovea.cpu.vector;

import static dev.fovea.cpu.vector.Lanes.COUNT;

import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Tail;

/**
 * The multiply-add kernel of convolutions on channels in the lanes: for up to eight places that read alike, wherever they lie, and
 * up to four vectors of filters, a start plus the sum over a list of taps of input number times vector of weights. The loops are
 * generated; what {@link Tile} says of its sums holds for them too.
 */
final class ChannelTile extends ChannelLoops {
  /** The most places that one call takes. */
  static final int MOST = 8;

  /** The most vectors of filters: what fits the registers, 32 where vectors have 16 lanes and 16 elsewhere. */
  static final int VECTORS = COUNT == 16 ? 4 : 2;

  /** Computes the sums of the first {@code count} places and {@code vectors} vectors with the weights at that offset. */
  void run(int count, int vectors, int weight) {
    run(count, vectors, weight, false);
  }

  /** The same, but the sums go on with what lies where they will lie. */
  void more(int count, int vectors, int weight) {
    run(count, vectors, weight, true);
  }

  private void run(int count, int vectors, int weight, boolean goesOn) {
    for (int at = 0; at < count;) {
      int width = width(count - at, vectors);
      for (int i = count; i < at + width; i++) {
        places[i] = places[count - 1];
        targets[i] = targets[count - 1];
      }
      if (fours > 0) {
        fours(at, width, vectors, weight, goesOn);
      }
      if (fours < distances.length || fours == 0) {
        ones(at, width, vectors, weight, goesOn || fours > 0);
      }
      at += width;
    }
  }

  /** How many places the next loop takes when {@code left} are to be computed; beyond those it computes the last one again. */
  private static int width(int left, int vectors) {
    if (left >= 7 && vectors < 4 && COUNT == 16) {
      return 8;
    }
    return left >= 3 ? 4 : left;
  }

  private void fours(int at, int width, int vectors, int weight, boolean goesOn) {
    switch (vectors) {
      case 4 -> {
        switch (width) {
          case 4 -> fours4x4(at, weight, goesOn);
          case 2 -> fours2x4(at, weight, goesOn);
          default -> fours1x4(at, weight, goesOn);
        }
      }
      case 2 -> {
        switch (width) {
          case 8 -> fours8x2(at, weight, goesOn);
          case 4 -> fours4x2(at, weight, goesOn);
          case 2 -> fours2x2(at, weight, goesOn);
          default -> fours1x2(at, weight, goesOn);
        }
      }
      default -> {
        switch (width) {
          case 8 -> fours8x1(at, weight, goesOn);
          case 4 -> fours4x1(at, weight, goesOn);
          case 2 -> fours2x1(at, weight, goesOn);
          default -> fours1x1(at, weight, goesOn);
        }
      }
    }
  }

  private void ones(int at, int width, int vectors, int weight, boolean goesOn) {
    switch (vectors) {
      case 4 -> {
        switch (width) {
          case 4 -> ones4x4(at, weight, goesOn);
          case 2 -> ones2x4(at, weight, goesOn);
          default -> ones1x4(at, weight, goesOn);
        }
      }
      case 2 -> {
        switch (width) {
          case 8 -> ones8x2(at, weight, goesOn);
          case 4 -> ones4x2(at, weight, goesOn);
          case 2 -> ones2x2(at, weight, goesOn);
          default -> ones1x2(at, weight, goesOn);
        }
      }
      default -> {
        switch (width) {
          case 8 -> ones8x1(at, weight, goesOn);
          case 4 -> ones4x1(at, weight, goesOn);
          case 2 -> ones2x1(at, weight, goesOn);
          default -> ones1x1(at, weight, goesOn);
        }
      }
    }
  }

  /** Applies a tail to the sums of the first {@code count} places, those that lie side by side at once. */
  void finish(Memory m, Tail tail, int count, int vectors) {
    boolean joined = vectors == 2 && outStep == COUNT;
    int span = joined ? 2 * COUNT : COUNT;
    for (int v = 0; v < (joined ? 1 : vectors); v++) {
      for (int i = 0; i < count;) {
        int from = targets[i];
        int behind = from + span;
        for (i++; i < count && targets[i] == behind; i++) {
          behind += span;
        }
        tail.run(m, from + v * outStep, behind - from);
      }
    }
  }

  /** What a thread reaches with everything in its first caches: the best of some runs of a fiftieth of a second. */
  static double multiplyAddsPerSecond() {
    ChannelTile tile = new ChannelTile();
    int taps = 128;
    tile.distances = new int[taps];
    tile.numbers = new int[taps];
    tile.fours = taps;
    tile.in = new float[MOST + 4];
    tile.weights = new float[VECTORS * COUNT * taps];
    tile.out = new float[VECTORS * COUNT * MOST];
    for (int i = 0; i < MOST; i++) {
      tile.places[i] = i;
      tile.targets[i] = VECTORS * COUNT * i;
    }
    for (int tap = 0; tap < taps; tap++) {
      tile.numbers[tap] = tap;
    }
    tile.outStep = COUNT;
    double best = 0;
    for (int run = 0; run < 40; run++) {
      long began = System.nanoTime();
      long calls = 0;
      for (; System.nanoTime() - began < 20_000_000; calls += 100) {
        for (int i = 0; i < 100; i++) {
          tile.run(MOST, VECTORS, 0);
        }
      }
      best = Math.max(best, calls * (double) VECTORS * COUNT * MOST * taps / (System.nanoTime() - began) * 1e9);
    }
    return best;
  }
}

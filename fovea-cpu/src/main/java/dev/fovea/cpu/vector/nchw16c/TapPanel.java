package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.vector.microkernel.Lanes;
import java.util.Arrays;

/**
 * A panel of any places, copied tap by tap. Taps that follow each other in the input, at most a block of them, share a slot: a block of
 * numbers for each place.
 *
 * @param sources where the taps of each slot begin, behind a place of the input
 * @param lengths how many those are
 * @param distances where each tap lies behind a place of the panel
 * @param positions how many places a slot has room for
 */
record TapPanel(int[] sources, int[] lengths, int[] distances, int positions) implements Panel {
  private static final int BLOCK = Layout.BLOCK;

  static TapPanel of(DirectConv.Taps taps, int positions) {
    int[] from = taps.offsets();
    int[] sources = new int[from.length];
    int[] lengths = new int[from.length];
    int[] distances = new int[from.length];
    int slots = 0;
    for (int k = 0; k < from.length; k++) {
      if (k == 0 || from[k] != from[k - 1] + 1 || lengths[slots - 1] == BLOCK) {
        sources[slots++] = from[k];
      }
      distances[k] = (slots - 1) * positions * BLOCK + lengths[slots - 1]++;
    }
    return new TapPanel(Arrays.copyOf(sources, slots), Arrays.copyOf(lengths, slots), distances, positions);
  }

  @Override
  public int size() {
    return sources.length * positions * BLOCK;
  }

  /** Copies what the first {@code count} places read, a block at a time: what follows the last tap of a slot nobody reads. */
  void fill(float[] x, int[] from, int count, float[] panel, int to) {
    for (int slot = 0; slot < sources.length; slot++) {
      int target = to + slot * positions * BLOCK;
      for (int i = 0; i < count; i++) {
        int at = from[i] + sources[slot];
        if (at + BLOCK > x.length) {
          System.arraycopy(x, at, panel, target + i * BLOCK, lengths[slot]);
          continue;
        }
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          Lanes.load(x, at + lane).intoArray(panel, target + i * BLOCK + lane);
        }
      }
    }
  }
}

package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.vector.microkernel.Lanes;
import java.util.Arrays;

/**
 * A panel of any positions, copied tap by tap (im2col). Taps that are contiguous in the input, up to a block of 16, share a
 * slot: a block of values for each position.
 *
 * @param slotOffsets the offset of each slot's first tap from a position of the input
 * @param slotTaps the number of taps of each slot
 * @param offsets the offset of each tap from a position of the panel
 * @param positions the maximum number of positions
 */
record TapPanel(int[] slotOffsets, int[] slotTaps, int[] offsets, int positions) implements Panel {
  private static final int BLOCK = Layout.BLOCK;

  static TapPanel of(DirectConv.Taps taps, int positions) {
    int[] from = taps.offsets();
    int[] slotOffsets = new int[from.length];
    int[] slotTaps = new int[from.length];
    int[] offsets = new int[from.length];
    int slots = 0;
    for (int k = 0; k < from.length; k++) {
      if (k == 0 || from[k] != from[k - 1] + 1 || slotTaps[slots - 1] == BLOCK) {
        slotOffsets[slots++] = from[k];
      }
      offsets[k] = (slots - 1) * positions * BLOCK + slotTaps[slots - 1]++;
    }
    return new TapPanel(Arrays.copyOf(slotOffsets, slots), Arrays.copyOf(slotTaps, slots), offsets, positions);
  }

  @Override
  public int size() {
    return slotOffsets.length * positions * BLOCK;
  }

  /** Copies what the first {@code count} positions read, a block at a time; values after the last tap of a slot are never read. */
  void fill(float[] x, int[] from, int count, float[] panel, int to) {
    for (int slot = 0; slot < slotOffsets.length; slot++) {
      int target = to + slot * positions * BLOCK;
      for (int i = 0; i < count; i++) {
        int at = from[i] + slotOffsets[slot];
        if (at + BLOCK > x.length) {
          System.arraycopy(x, at, panel, target + i * BLOCK, slotTaps[slot]);
          continue;
        }
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          Lanes.load(x, at + lane).intoArray(panel, target + i * BLOCK + lane);
        }
      }
    }
  }
}

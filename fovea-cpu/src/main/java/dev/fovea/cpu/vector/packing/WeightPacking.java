package dev.fovea.cpu.vector.packing;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import java.util.Arrays;

/**
 * Packs a tile's weights, which are stored filter by filter, so that the same weight of all its filters is contiguous; lanes
 * without a filter become zero. It goes block by block of filters and weights, so that cache lines are still cached when they are
 * needed again.
 */
public final class WeightPacking {
  private final float[] w;
  private final int stride;
  private final FilterTile filters;
  private final float[] packed;

  /**
   * Packs the weights of one tile.
   *
   * @param stride floats from a weight of one filter to the same weight of the next
   */
  public WeightPacking(float[] w, int stride, FilterTile filters, float[] packed) {
    this.w = w;
    this.stride = stride;
    this.filters = filters;
    this.packed = packed;
  }

  /**
   * Packs weights that are contiguous in each filter.
   *
   * @param at the offset of the first lane's first weight, even if the lane has no filter of this tile
   * @param to the offset to which {@code offsets} are added
   * @param offsets where each weight of the first lane is stored
   */
  public void pack(int at, int to, int[] offsets) {
    for (int lane = 0; lane < filters.lanes(); lane += COUNT) {
      int from = at + lane * stride;
      int target = to + lane;
      boolean ownsVector = filters.ownsVector(lane);
      for (int k = 0; k < offsets.length; k += COUNT) {
        int count = Math.min(COUNT, offsets.length - k);
        if (ownsVector && stride == 1 && count == 1) {
          load(w, from + k).intoArray(packed, target + offsets[k]);
        } else if (ownsVector) {
          packVector(from + k, target, offsets, k, count);
        } else {
          packLanes(from + k, lane, target, Arrays.copyOfRange(offsets, k, k + count));
        }
      }
    }
  }

  /** Copies element by element: that is near the speed of memory and, unlike vector code, fast before C2 has compiled it. */
  private void packVector(int from, int to, int[] offsets, int first, int count) {
    float[] x = w;
    float[] y = packed;
    for (int lane = 0; lane < COUNT; lane++) {
      int at = from + lane * stride;
      for (int i = 0; i < count; i++) {
        y[to + offsets[first + i] + lane] = x[at + i];
      }
    }
  }

  private void packLanes(int from, int firstLane, int target, int[] offsets) {
    for (int i = 0; i < offsets.length; i++) {
      for (int lane = 0; lane < COUNT; lane++) {
        int filter = filters.firstChannel() + firstLane + lane;
        boolean own = filter >= filters.ownFrom() && filter < filters.ownTo();
        packed[target + offsets[i] + lane] = own ? w[from + lane * stride + i] : 0;
      }
    }
  }
}

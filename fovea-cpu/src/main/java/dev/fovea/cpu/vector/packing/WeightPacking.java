package dev.fovea.cpu.vector.packing;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import java.util.Arrays;

/**
 * Turns a tile's weights, which lie filter by filter, so that the same weight of all its filters lies side by side; lanes without a
 * filter become zero. Square by square, so that what one filter fetches the next ones still find.
 */
public final class WeightPacking {
  private final float[] w;
  private final int stride;
  private final FilterTile filters;
  private final float[] turned;

  /**
   * Makes ready for a tile.
   *
   * @param stride floats from a weight of one filter to the same of the next
   */
  public WeightPacking(float[] w, int stride, FilterTile filters, float[] turned) {
    this.w = w;
    this.stride = stride;
    this.filters = filters;
    this.turned = turned;
  }

  /**
   * Turns weights that follow one another in each filter.
   *
   * @param at the first lane's first weight, wherever that would lie if the lane had a filter
   * @param to the place that offsets count from
   * @param offsets where each weight of the first lane goes
   */
  public void turn(int at, int to, int[] offsets) {
    for (int lane = 0; lane < filters.lanes(); lane += COUNT) {
      int from = at + lane * stride;
      int target = to + lane;
      boolean whole = filters.whole(lane);
      for (int k = 0; k < offsets.length; k += COUNT) {
        int count = Math.min(COUNT, offsets.length - k);
        if (whole && stride == 1 && count == 1) {
          load(w, from + k).intoArray(turned, target + offsets[k]);
        } else if (whole) {
          square(from + k, target, offsets, k, count);
        } else {
          one(from + k, lane, target, Arrays.copyOfRange(offsets, k, k + count));
        }
      }
    }
  }

  /** Number by number, which is near the speed of memory and, other than vectors, is so from the first weights on. */
  private void square(int from, int to, int[] offsets, int first, int count) {
    float[] x = w;
    float[] y = turned;
    for (int lane = 0; lane < COUNT; lane++) {
      int at = from + lane * stride;
      for (int i = 0; i < count; i++) {
        y[to + offsets[first + i] + lane] = x[at + i];
      }
    }
  }

  private void one(int from, int firstLane, int target, int[] offsets) {
    for (int i = 0; i < offsets.length; i++) {
      for (int lane = 0; lane < COUNT; lane++) {
        int filter = filters.first() + firstLane + lane;
        boolean own = filter >= filters.from() && filter < filters.to();
        turned[target + offsets[i] + lane] = own ? w[from + lane * stride + i] : 0;
      }
    }
  }
}

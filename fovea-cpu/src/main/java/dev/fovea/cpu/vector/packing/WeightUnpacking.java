package dev.fovea.cpu.vector.packing;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;

/**
 * The way back of {@link WeightPacking}: numbers that lie vector by vector of filters go to where each filter has its own in a row. Square
 * by square too, since one number at a time took a quarter of a weight gradient's time.
 */
public final class WeightUnpacking {
  private final Transpose transpose = new Transpose();

  /**
   * Brings back {@code count} rows of a tile's lanes.
   *
   * @param from where the first row lies; the others follow it
   * @param to where the first lane's first number goes, wherever that would be if the lane had a filter
   * @param stride floats from one filter to the next
   */
  public void put(FilterTile filters, float[] rows, int from, int count, float[] weights, int to, int stride) {
    int lanes = filters.lanes();
    for (int lane = 0; lane < lanes; lane += COUNT) {
      if (!filters.whole(lane) || count < COUNT) {
        one(filters, lane, rows, from, count, weights, to, stride);
        continue;
      }
      for (int k = 0; k < count; k += COUNT) {
        // the last square may have some rows of the one before
        int row = Math.min(k, count - COUNT);
        transpose.square(rows, from + row * lanes + lane, lanes, weights, to + lane * stride + row, stride);
      }
    }
  }

  private static void one(
      FilterTile filters, int firstLane, float[] rows, int from, int count, float[] weights, int to, int stride) {
    int first = Math.max(firstLane, filters.from() - filters.first());
    int end = Math.min(firstLane + COUNT, filters.to() - filters.first());
    for (int lane = first; lane < end; lane++) {
      for (int k = 0; k < count; k++) {
        weights[to + lane * stride + k] = rows[from + k * filters.lanes() + lane];
      }
    }
  }
}

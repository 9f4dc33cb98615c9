package dev.fovea.cpu.vector.packing;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;

/**
 * The inverse of {@link WeightPacking}: elements that are stored vector by vector of filters are stored filter by filter. They are
 * transposed square by square, since one element at a time took a quarter of a weight gradient's time.
 */
public final class WeightUnpacking {
  private final Transpose transpose = new Transpose();

  /**
   * Unpacks {@code count} rows of a tile's lanes.
   *
   * @param from the offset of the first row; the others follow it
   * @param to the offset of the first lane's first element, even if the lane has no filter of this tile
   * @param stride floats from one filter to the next
   */
  public void unpack(FilterTile filters, float[] rows, int from, int count, float[] weights, int to, int stride) {
    int lanes = filters.lanes();
    for (int lane = 0; lane < lanes; lane += COUNT) {
      if (!filters.ownsVector(lane) || count < COUNT) {
        unpackLanes(filters, lane, rows, from, count, weights, to, stride);
        continue;
      }
      for (int k = 0; k < count; k += COUNT) {
        // the last square may overlap the one before
        int row = Math.min(k, count - COUNT);
        transpose.square(rows, from + row * lanes + lane, lanes, weights, to + lane * stride + row, stride);
      }
    }
  }

  private static void unpackLanes(
      FilterTile filters, int firstLane, float[] rows, int from, int count, float[] weights, int to, int stride) {
    int first = Math.max(firstLane, filters.ownFrom() - filters.firstChannel());
    int end = Math.min(firstLane + COUNT, filters.ownTo() - filters.firstChannel());
    for (int lane = first; lane < end; lane++) {
      for (int k = 0; k < count; k++) {
        weights[to + lane * stride + k] = rows[from + k * filters.lanes() + lane];
      }
    }
  }
}

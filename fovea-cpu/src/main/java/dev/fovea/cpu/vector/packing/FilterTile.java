package dev.fovea.cpu.vector.packing;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.vector.microkernel.Lanes;
import java.util.ArrayList;
import java.util.List;

/**
 * The filters of one group that a tile computes at a time: one to four vectors of output channels. If groups do not end
 * at the end of a vector, some lanes are channels of other groups, which this tile must not write.
 *
 * @param group the group
 * @param firstChannel the channel in the first lane, counted through all groups
 * @param vectors one to four
 * @param ownFrom the first channel of the tile that belongs to the group
 * @param ownTo the end of those channels, exclusive
 * @param laneOffset the index of the tile's first lane among the lanes of all tiles
 */
public record FilterTile(int group, int firstChannel, int vectors, int ownFrom, int ownTo, int laneOffset) {
  private static final int BLOCK = Layout.BLOCK;

  /** The tiles of {@code groups} times {@code filters} channels, each of at most {@code maxVectors} vectors. */
  public static List<FilterTile> of(int groups, int filters, int maxVectors) {
    List<FilterTile> tiles = new ArrayList<>();
    int laneOffset = 0;
    for (int group = 0; group < groups; group++) {
      int end = (group + 1) * filters;
      for (int firstChannel = group * filters / Lanes.COUNT * Lanes.COUNT; firstChannel < end;) {
        int left = Math.ceilDiv(end - firstChannel, Lanes.COUNT);
        int vectors = left >= maxVectors ? maxVectors : Integer.highestOneBit(left);
        int next = firstChannel + vectors * Lanes.COUNT;
        tiles.add(new FilterTile(group, firstChannel, vectors, Math.max(firstChannel, group * filters), Math.min(next, end),
            laneOffset));
        laneOffset += vectors * Lanes.COUNT;
        firstChannel = next;
      }
    }
    return tiles;
  }

  public int lanes() {
    return vectors * Lanes.COUNT;
  }

  /** Whether all filters of the vector that begins at that lane belong to this tile. */
  boolean ownsVector(int lane) {
    return firstChannel + lane >= ownFrom && firstChannel + lane + Lanes.COUNT <= ownTo;
  }

  /** Whether some lanes are channels of other groups, of {@code channels} in all. */
  public boolean sharesLanes(int channels) {
    return ownFrom > firstChannel || ownTo < Math.min(channels, firstChannel + lanes());
  }

  /** The offset of a channel in an image in NCHW16c whose maps have {@code mapSize} positions. */
  public static int offset(int channel, int mapSize) {
    return channel / BLOCK * mapSize * BLOCK + channel % BLOCK;
  }

  /** The floats from one vector of a position to the next. */
  public int vectorStride(int mapSize) {
    return vectors == 1 ? 0 : offset(firstChannel + Lanes.COUNT, mapSize) - offset(firstChannel, mapSize);
  }
}

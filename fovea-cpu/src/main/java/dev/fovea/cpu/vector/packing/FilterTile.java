package dev.fovea.cpu.vector.packing;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.vector.microkernel.Lanes;
import java.util.ArrayList;
import java.util.List;

/**
 * The filters of one group that a tile computes at a time: one to four vectors of channels of the output. Where groups do not end
 * with a vector, the vectors hold lanes of other groups too, which are not this tile's to write.
 *
 * @param group the group
 * @param first the channel in the first lane, counted through all groups
 * @param vectors one to four
 * @param from the first channel of the tile that is the group's own
 * @param to behind the last
 * @param row the place of the tile's first lane among the lanes of all tiles
 */
public record FilterTile(int group, int first, int vectors, int from, int to, int row) {
  private static final int BLOCK = Layout.BLOCK;

  /** The tiles of {@code groups} times {@code filters} channels, each of at most {@code most} vectors. */
  public static List<FilterTile> of(int groups, int filters, int most) {
    List<FilterTile> tiles = new ArrayList<>();
    int row = 0;
    for (int group = 0; group < groups; group++) {
      int end = (group + 1) * filters;
      for (int first = group * filters / Lanes.COUNT * Lanes.COUNT; first < end;) {
        int left = Math.ceilDiv(end - first, Lanes.COUNT);
        int vectors = left >= most ? most : Integer.highestOneBit(left);
        int behind = first + vectors * Lanes.COUNT;
        tiles.add(new FilterTile(group, first, vectors, Math.max(first, group * filters), Math.min(behind, end), row));
        row += vectors * Lanes.COUNT;
        first = behind;
      }
    }
    return tiles;
  }

  public int lanes() {
    return vectors * Lanes.COUNT;
  }

  /** Whether the vector from that lane on has filters of this tile alone. */
  boolean whole(int lane) {
    return first + lane >= from && first + lane + Lanes.COUNT <= to;
  }

  /** Whether some lanes are channels of other groups. */
  public boolean shared(int channels) {
    return from > first || to < Math.min(channels, first + lanes());
  }

  /** Where a channel begins in an image of maps of so many numbers. */
  public static int at(int channel, int map) {
    return channel / BLOCK * map * BLOCK + channel % BLOCK;
  }

  /** The floats from one vector of a place to the next. */
  public int step(int map) {
    return vectors == 1 ? 0 : at(first + Lanes.COUNT, map) - at(first, map);
  }
}

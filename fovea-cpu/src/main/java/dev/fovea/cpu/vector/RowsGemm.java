package dev.fovea.cpu.vector;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.Task;
import dev.fovea.tensor.Shape;
import java.util.List;

/**
 * What a fully connected layer's weight receives: gradients {@code [N, out]} transposed times inputs {@code [N, in]}, both in
 * rows. The lanes run over the inputs and each sum over the images in their order. A unit is the rows of a few outputs.
 */
final class RowsGemm {
  private final Shape a;
  private final Shape b;
  private final int[] tileStarts;
  private final int[] distances;
  private final int[] numbers;

  RowsGemm(Shape a, Shape b) {
    this.a = a;
    this.b = b;
    tileStarts = LaneGather.tiles(a.dim(1));
    distances = new int[a.dim(0)];
    numbers = new int[a.dim(0)];
    for (int n = 0; n < distances.length; n++) {
      distances[n] = n * Layout.channelBlocks(b) * Layout.BLOCK;
      numbers[n] = n;
    }
  }

  Binder binder() {
    return (in, out) -> Task.of(tileStarts.length - 1, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Place> in, Place out, int from, int to) {
    int columns = b.dim(1);
    Tile tile = new Tile();
    tile.in = m.array(in.get(1).array());
    tile.weights = m.array(in.get(0).array());
    tile.weightStride = Layout.channelBlocks(a) * Layout.BLOCK;
    tile.bias = new float[Tile.MOST];
    tile.distances = distances;
    tile.numbers = numbers;
    float[] y = m.array(out.array());
    float[] edge = new float[Tile.MOST * 2 * Lanes.COUNT];
    for (int unit = from; unit < to; unit++) {
      int first = tileStarts[unit];
      int width = tileStarts[unit + 1] - first;
      for (int column = 0; column < columns; column += 2 * Lanes.COUNT) {
        int left = Math.min(2 * Lanes.COUNT, columns - column);
        boolean whole = left == 2 * Lanes.COUNT;
        tile.inStep = left > Lanes.COUNT ? Lanes.COUNT : 0;
        tile.outStep = Lanes.COUNT;
        tile.out = whole ? y : edge;
        tile.filterStride = whole ? columns : 2 * Lanes.COUNT;
        int target = out.offset() + first * columns + column;
        tile.run(width, in.get(1).offset() + column, in.get(0).offset() + first, whole ? target : 0, 0);
        for (int f = 0; f < width && !whole; f++) {
          System.arraycopy(edge, f * 2 * Lanes.COUNT, y, target + f * columns, left);
        }
      }
    }
  }
}

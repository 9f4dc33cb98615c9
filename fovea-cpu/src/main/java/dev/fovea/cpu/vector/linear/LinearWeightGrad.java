package dev.fovea.cpu.vector.linear;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Tile16n;
import dev.fovea.tensor.Shape;
import java.util.List;

/**
 * The weight gradient of a fully connected layer: gradients {@code [N, out]} transposed times inputs {@code [N, in]}. The lanes are
 * inputs, and each sum is over the images in their order. A unit is the rows of a tile of outputs.
 */
public final class LinearWeightGrad {
  private final Shape a;
  private final Shape b;
  private final int[] tileStarts;
  private final int[] tapOffsets;
  private final int[] weightRows;

  public LinearWeightGrad(Shape a, Shape b) {
    this.a = a;
    this.b = b;
    tileStarts = Tile16n.tileStarts(a.dim(1));
    tapOffsets = new int[a.dim(0)];
    weightRows = new int[a.dim(0)];
    for (int n = 0; n < tapOffsets.length; n++) {
      tapOffsets[n] = n * Layout.channelBlocks(b) * Layout.BLOCK;
      weightRows[n] = n;
    }
  }

  public Kernel kernel() {
    return (in, out) -> Task.of(tileStarts.length - 1, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Address> in, Address out, int from, int to) {
    int columns = b.dim(1);
    Tile16n tile = new Tile16n();
    tile.in = m.array(in.get(1).array());
    tile.weights = m.array(in.get(0).array());
    tile.weightStride = Layout.channelBlocks(a) * Layout.BLOCK;
    tile.bias = new float[Tile16n.MAX_FILTERS];
    tile.tapOffsets = tapOffsets;
    tile.weightRows = weightRows;
    float[] y = m.array(out.array());
    float[] edge = new float[Tile16n.MAX_FILTERS * 2 * Lanes.COUNT];
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

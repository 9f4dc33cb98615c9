package dev.fovea.cpu.vector;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.DirectConv.WeightStrides;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PointwiseKernel;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.plane.Pointwise;
import dev.fovea.cpu.vector.winograd.WinogradConv;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A small convolution of ones, again and again until its loops are compiled. They are those in which nearly every network spends its
 * time, and a first run would stand still for them: the weights' transform, the tiles' transforms there and back, the multiply-adds
 * with taps by fours and by ones, an activation.
 */
final class WarmUp implements Memory {
  /** Sixteen taps by fours, and one. */
  static final int NCHW16C = 17;

  private static final int FILTERS = 64;
  private static final int SIDE = 8;

  /** So many turns bring HotSpot's counters to where it compiles; the others only see whether it has, and leave it the core. */
  private static final int TURNS = 12;

  private static final int WAITS = 25;
  private static final long WAIT_NANOS = 20_000_000;

  /** A compiled turn takes a tenth of that, an interpreted one five times as much. */
  private static final long COMPILED_NANOS = 1_000_000;

  private final float[] floats;
  private final Address result;
  private final List<Task> tasks;

  WarmUp() {
    WeightStrides weights = new WeightStrides(0, NCHW16C * Winograd.AREA, Winograd.AREA);
    Winograd plan = new Winograd(NCHW16C, FILTERS, SIDE, SIDE, SIDE, SIDE, 1, 1, weights, false);
    int maps = (int) Layout.NCHW16C.size(Shape.of(1, FILTERS, SIDE, SIDE));
    Address image = new Address(0, Layout.CACHE_LINE_START);
    Address filters = new Address(0, image.offset() + maps);
    Address bias = new Address(0, filters.offset() + FILTERS * NCHW16C * Winograd.AREA);
    Address packed = new Address(0, bias.offset() + FILTERS);
    result = new Address(0, packed.offset() + (int) WinogradConv.packedSize(plan));
    floats = new float[result.offset() + maps];
    Arrays.fill(floats, 1);
    EpilogueKernel convolution = new WinogradConv(plan, 1, true).kernel();
    PointwiseKernel relu = (PointwiseKernel) Pointwise.relu(maps);
    tasks = List.of(
        WinogradConv.pack(plan).bind(List.of(filters), packed),
        convolution.bind(List.of(image, packed, bias), result, relu.epilogue(List.of(), result, 0)));
  }

  /** Until the loops are compiled, or for about half a second. */
  void run() {
    for (int turn = 0; turn < TURNS + WAITS; turn++) {
      long began = System.nanoTime();
      turn();
      if (System.nanoTime() - began < COMPILED_NANOS) {
        return;
      }
      if (turn >= TURNS) {
        LockSupport.parkNanos(WAIT_NANOS);
      }
    }
  }

  /** Makes the convolution once; gives the first map. */
  float[] turn() {
    tasks.forEach(task -> task.run(this, 0, task.units()));
    float[] map = new float[SIDE * SIDE];
    for (int position = 0; position < map.length; position++) {
      map[position] = floats[result.offset() + position * Layout.BLOCK];
    }
    return map;
  }

  @Override
  public float[] array(int number) {
    return floats;
  }

  @Override
  public Rng random() {
    return Rng.of(0);
  }
}

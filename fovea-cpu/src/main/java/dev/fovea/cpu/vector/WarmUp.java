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
 * Runs a small convolution of ones again and again until its loops are compiled. Nearly every network spends its time in these
 * loops, and its first run would wait for their compilation: the weight transform, the input and output transforms of tiles, the
 * multiply-adds with unrolled and single taps, an activation.
 */
final class WarmUp implements Memory {
  /** Sixteen channels take the unrolled loop, the last one the other. */
  static final int CHANNELS = 17;

  private static final int FILTERS = 64;
  private static final int SIDE = 8;

  /**
   * After this many iterations HotSpot's counters reach its thresholds; the later ones only poll, and leave the core to the
   * compiler.
   */
  private static final int ITERATIONS = 12;

  private static final int MAX_POLLS = 25;
  private static final long POLL_NANOS = 20_000_000;

  /** A compiled iteration takes a tenth of this time, an interpreted one five times as much. */
  private static final long COMPILED_NANOS = 1_000_000;

  private final float[] floats;
  private final Address result;
  private final List<Task> tasks;

  WarmUp() {
    WeightStrides weights = new WeightStrides(0, CHANNELS * Winograd.AREA, Winograd.AREA);
    Winograd plan = new Winograd(CHANNELS, FILTERS, SIDE, SIDE, SIDE, SIDE, 1, 1, weights, false);
    int maps = (int) Layout.NCHW16C.size(Shape.of(1, FILTERS, SIDE, SIDE));
    Address image = new Address(0, Layout.CACHE_LINE_START);
    Address filters = new Address(0, image.offset() + maps);
    Address bias = new Address(0, filters.offset() + FILTERS * CHANNELS * Winograd.AREA);
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

  /** Runs until the loops are compiled, or for about half a second. */
  void run() {
    for (int iteration = 0; iteration < ITERATIONS + MAX_POLLS; iteration++) {
      long began = System.nanoTime();
      runOnce();
      if (System.nanoTime() - began < COMPILED_NANOS) {
        return;
      }
      if (iteration >= ITERATIONS) {
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  /** Computes the convolution once, and returns the first map. */
  float[] runOnce() {
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

package dev.fovea.cpu.vector.packing;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.vector.microkernel.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes squares whose side is the length of a vector, by perfect shuffles (Stone, "Parallel processing with the perfect
 * shuffle", 1971): log2(side) rounds, in each of which row i and row i + side / 2 are interleaved.
 */
public final class Transpose {
  private static final VectorShuffle<Float> LOW = VectorShuffle.makeZip(Lanes.SPECIES, 0);
  private static final VectorShuffle<Float> HIGH = VectorShuffle.makeZip(Lanes.SPECIES, 1);

  private static final int START = Layout.CACHE_LINE_START;

  private float[] one = new float[START + COUNT * COUNT];
  private float[] other = new float[START + COUNT * COUNT];

  /** Transposes the square at {@code x[from]} with row stride {@code stride} to {@code y[to]} with row stride {@code step}. */
  public void square(float[] x, int from, int stride, float[] y, int to, int step) {
    shuffle(x, from, stride, one, START, COUNT);
    for (int side = COUNT / 2; side > 2; side /= 2) {
      shuffle(one, START, COUNT, other, START, COUNT);
      float[] swapped = one;
      one = other;
      other = swapped;
    }
    shuffle(one, START, COUNT, y, to, step);
  }

  private static void shuffle(float[] x, int from, int stride, float[] y, int to, int step) {
    for (int i = 0; i < COUNT / 2; i++) {
      FloatVector a = load(x, from + i * stride);
      FloatVector b = load(x, from + (i + COUNT / 2) * stride);
      a.rearrange(LOW, b).intoArray(y, to + 2 * i * step);
      a.rearrange(HIGH, b).intoArray(y, to + (2 * i + 1) * step);
    }
  }
}

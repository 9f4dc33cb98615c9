package dev.fovea.cpu;

import dev.fovea.cpu.compile.MemoryPlan;
import dev.fovea.graph.Parameters;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arrays that places count: parameters, gradients, slabs. Several workspaces may take turns in them. */
final class Slabs {
  private final Parameters parameters;
  private float[][] arrays;
  private @Nullable Object last;

  Slabs(Parameters parameters) {
    this.parameters = parameters;
    this.arrays = new float[][] {parameters.values(), new float[0]};
  }

  Parameters parameters() {
    return parameters;
  }

  /** Grows where it is too small; an array that has to grow is let go first. */
  void require(List<Integer> sizes, boolean gradients) {
    if (gradients && array(MemoryPlan.GRADIENTS).length == 0) {
      arrays[MemoryPlan.GRADIENTS] = new float[parameters.size()];
    }
    int before = arrays.length;
    if (before < MemoryPlan.FIRST_SLAB + sizes.size()) {
      arrays = Arrays.copyOf(arrays, MemoryPlan.FIRST_SLAB + sizes.size());
      Arrays.fill(arrays, before, arrays.length, new float[0]);
    }
    for (int i = 0; i < sizes.size(); i++) {
      int at = MemoryPlan.FIRST_SLAB + i;
      if (arrays[at].length < sizes.get(i)) {
        arrays[at] = new float[0];
        arrays[at] = new float[sizes.get(i)];
        last = null;
      }
    }
  }

  float[] array(int number) {
    return arrays[number];
  }

  /** Whether the one whose turn it is had the last turn too, so that all lies as it left it. */
  @SuppressWarnings("ReferenceEquality") // the very one is meant
  boolean turnOf(Object run) {
    boolean again = last == run;
    last = run;
    return again;
  }
}

package dev.fovea.cpu;

import dev.fovea.cpu.compile.MemoryPlan;
import dev.fovea.graph.Parameters;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arrays that addresses refer to: parameters, gradients, slabs. Several workspaces may share them, one run at a time. */
final class Slabs {
  private final Parameters parameters;
  private float[][] arrays;
  private @Nullable Object lastUser;

  Slabs(Parameters parameters) {
    this.parameters = parameters;
    this.arrays = new float[][] {parameters.values(), new float[0]};
  }

  Parameters parameters() {
    return parameters;
  }

  /** Grows arrays that are too small. The old array is released first, so that both never need memory at once. */
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
        lastUser = null;
      }
    }
  }

  float[] array(int index) {
    return arrays[index];
  }

  /** Marks a workspace as the user of these arrays; returns whether it was the last user too, so that its contents are intact. */
  @SuppressWarnings("ReferenceEquality") // identity is intended
  boolean use(Object workspace) {
    boolean same = lastUser == workspace;
    lastUser = workspace;
    return same;
  }
}

package dev.fovea.cpu.compile;

import dev.fovea.cpu.compile.Buffer.Storage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pass that moves the steps that run only when parameters have changed to the front of the program. Buffers that they write and
 * other steps read become persistent; buffers that only they read stay in the arena.
 */
public final class ConstantHoisting {
  private ConstantHoisting() {}

  public static Lowering.Lowered apply(Lowering.Lowered lowered) {
    Set<Buffer> persistent = new HashSet<>(lowered.outputs().values());
    List<Step> steps = new ArrayList<>();
    List<Step> rest = new ArrayList<>();
    Set<Buffer> constants = new HashSet<>();
    for (Step step : lowered.steps()) {
      if (step.onParameterChange()) {
        steps.add(step);
        constants.add(step.output());
      } else {
        rest.add(step);
        persistent.addAll(step.inputs());
      }
    }
    persistent.retainAll(constants);
    steps.addAll(rest);
    Map<Buffer, Buffer> replacements = new HashMap<>();
    persistent.forEach(b -> replacements.put(b, new Buffer(b.id(), b.size(), b.layout(), Storage.PERSISTENT, 0)));
    return lowered.withSteps(steps).withBuffers(replacements);
  }
}

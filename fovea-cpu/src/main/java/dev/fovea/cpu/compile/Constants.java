package dev.fovea.cpu.compile;

import dev.fovea.cpu.compile.Buffer.Home;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pass that brings the steps that run only on a change of the parameters before all others. What the others read of theirs is
 * kept from run to run, what only they themselves read is scratch.
 */
public final class Constants {
  private Constants() {}

  public static Lowering.Lowered apply(Lowering.Lowered lowered) {
    Set<Buffer> kept = new HashSet<>(lowered.outputs().values());
    List<Step> steps = new ArrayList<>();
    List<Step> rest = new ArrayList<>();
    Set<Buffer> made = new HashSet<>();
    for (Step step : lowered.steps()) {
      if (step.onChange()) {
        steps.add(step);
        made.add(step.output());
      } else {
        rest.add(step);
        kept.addAll(step.inputs());
      }
    }
    kept.retainAll(made);
    steps.addAll(rest);
    Map<Buffer, Buffer> moved = new HashMap<>();
    kept.forEach(b -> moved.put(b, new Buffer(b.id(), b.size(), b.layout(), Home.KEPT, 0)));
    return lowered.with(steps).moved(moved);
  }
}

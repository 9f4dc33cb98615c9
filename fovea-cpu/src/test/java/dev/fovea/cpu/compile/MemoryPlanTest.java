package dev.fovea.cpu.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cpu.compile.Buffer.Storage;
import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.testkit.OpCases;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random steps: buffers that are live at the same time never overlap, and memory is reused. */
class MemoryPlanTest {
  private final long seed = OpCases.seed();

  @Test
  void liveBuffersDoNotOverlap() {
    long used = 0;
    long all = 0;
    for (int i = 0; i < 300; i++) {
      Random random = new Random(seed + i);
      Lowering.Lowered lowered = random(random);
      MemoryPlan plan = MemoryPlan.of(lowered);
      check("seed " + seed + ", case " + i, lowered, plan);
      used += plan.slabs().stream().mapToLong(Integer::longValue).sum();
      all += lowered.buffers().stream().mapToLong(Buffer::size).sum();
    }
    assertThat(used).isLessThan(all / 2);
  }

  private static Lowering.Lowered random(Random random) {
    List<Buffer> buffers = new ArrayList<>();
    buffers.add(buffer(buffers, random));
    Buffer input = buffers.getFirst();
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      List<Buffer> in = new ArrayList<>();
      for (int k = 0; k <= random.nextInt(3); k++) {
        in.add(buffers.get(Math.max(0, buffers.size() - 1 - random.nextInt(5))));
      }
      Buffer out = buffer(buffers, random);
      int inPlace = random.nextBoolean() ? 0 : Step.NOT_IN_PLACE;
      buffers.add(out);
      steps.add(new Step("k", "", in, out, 1, inPlace, false, (_, _) -> Task.of(0, (_, _, _) -> {})));
    }
    return new Lowering.Lowered(steps, buffers, Map.of("input", input), Map.of("output", buffers.getLast()));
  }

  /** Few sizes, so that steps may work in place. */
  private static Buffer buffer(List<Buffer> others, Random random) {
    return new Buffer(others.size(), 100 * (1 + random.nextInt(4)) + 3, Layout.NCHW, Storage.ARENA, 0);
  }

  private static void check(String what, Lowering.Lowered lowered, MemoryPlan plan) {
    Map<Buffer, Integer> lastUse = new HashMap<>();
    for (int i = 0; i < lowered.steps().size(); i++) {
      for (Buffer in : lowered.steps().get(i).inputs()) {
        lastUse.put(in, i);
      }
    }
    lowered.outputs().values().forEach(b -> lastUse.put(b, lowered.steps().size()));
    List<Buffer> live = new ArrayList<>(lowered.inputs().values());
    for (int i = 0; i < lowered.steps().size(); i++) {
      int now = i;
      Step step = lowered.steps().get(i);
      // the memory of an input may be reused by the step of its last use only if that step works in place
      live.removeIf(b -> lastUse.getOrDefault(b, -1) < now);
      for (Buffer other : live) {
        boolean reused = step.inPlace() >= 0 && other.equals(step.inputs().get(step.inPlace()))
            && lastUse.getOrDefault(other, -1) == now;
        if (!reused) {
          assertThat(overlap(plan, step.output(), other)).as("%s, step %d: %s and %s", what, now, step.output(), other).isFalse();
        }
      }
      live.add(step.output());
    }
  }

  private static boolean overlap(MemoryPlan plan, Buffer a, Buffer b) {
    Address p = plan.of(a);
    Address q = plan.of(b);
    return p.array() == q.array() && p.offset() < q.offset() + b.size() && q.offset() < p.offset() + a.size();
  }
}

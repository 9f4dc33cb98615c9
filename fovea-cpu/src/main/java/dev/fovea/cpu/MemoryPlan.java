package dev.fovea.cpu;

import dev.fovea.cpu.Buffer.Home;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Gives every buffer its place. A buffer of the arena lives from the step that writes it to the last that reads it, and first fit
 * puts it where nothing living lies; a step that may work in place takes its input's memory over where that dies with it.
 * A tensor lies in one slab; slabs stay below the size of a Java array.
 */
final class MemoryPlan {
  static final int PARAMETERS = 0;
  static final int GRADIENTS = 1;
  static final int FIRST_SLAB = 2;

  /** Floats; 2^28 are a gibibyte. */
  private static final int SLAB = 1 << 28;

  /** Buffers begin 16 floats apart, with a line of the cache. */
  private static final int LINE = 16;

  private final Map<Integer, Place> places = new HashMap<>();
  private final List<Integer> slabs = new ArrayList<>();
  private final Map<Integer, Integer> lastUse = new HashMap<>();
  private final List<Living> living = new ArrayList<>();

  private record Living(Buffer buffer, Place place, long size) {}

  private MemoryPlan() {}

  static MemoryPlan of(Lowering.Lowered lowered) {
    MemoryPlan plan = new MemoryPlan();
    int end = lowered.steps().size();
    for (int i = 0; i < end; i++) {
      for (Buffer in : lowered.steps().get(i).inputs()) {
        plan.lastUse.put(in.id(), i);
      }
    }
    lowered.outputs().values().forEach(b -> plan.lastUse.put(b.id(), end));
    for (Buffer buffer : lowered.buffers()) {
      switch (buffer.home()) {
        case PARAMETERS -> plan.places.put(buffer.id(), new Place(PARAMETERS, buffer.offset()));
        case GRADIENTS -> plan.places.put(buffer.id(), new Place(GRADIENTS, buffer.offset()));
        case KEPT -> plan.place(buffer);
        case ARENA -> {}
      }
    }
    lowered.inputs().values().forEach(plan::place);
    for (int i = 0; i < end; i++) {
      plan.step(i, lowered.steps().get(i));
    }
    return plan;
  }

  private void step(int now, Step step) {
    if (step.output().home() == Home.ARENA) {
      Buffer victim = step.inPlace() < 0 ? step.output() : step.inputs().get(step.inPlace());
      if (step.inPlace() >= 0 && dies(victim, now) && victim.size() == step.output().size() && once(step, victim)) {
        Place place = of(victim);
        living.removeIf(l -> l.buffer.id() == victim.id());
        places.put(step.output().id(), place);
        living.add(new Living(step.output(), place, rounded(step.output().size())));
      } else {
        place(step.output());
      }
    }
    living.removeIf(l -> l.buffer.home() == Home.ARENA && lastUse.getOrDefault(l.buffer.id(), -1) <= now);
  }

  private boolean dies(Buffer buffer, int now) {
    return buffer.home() == Home.ARENA && lastUse.getOrDefault(buffer.id(), -1) == now;
  }

  private static boolean once(Step step, Buffer buffer) {
    return step.inputs().stream().filter(buffer::equals).count() == 1;
  }

  /** First fit: the lowest gap of the first slab that has one. */
  private void place(Buffer buffer) {
    long size = rounded(buffer.size());
    if (size > Integer.MAX_VALUE - 64) {
      throw new FoveaException(
          "a tensor of " + buffer.size() + " numbers does not fit one array: use a smaller batch or smaller pictures");
    }
    for (int slab = 0;; slab++) {
      int room = slab < slabs.size() ? Math.max(SLAB, slabs.get(slab)) : Math.max(SLAB, (int) size + Layout.LINE_START);
      int at = gap(slab, size);
      if ((long) at + size <= room) {
        if (slab == slabs.size()) {
          slabs.add(0);
        }
        slabs.set(slab, Math.max(slabs.get(slab), at + (int) size));
        Place place = new Place(FIRST_SLAB + slab, at);
        places.put(buffer.id(), place);
        living.add(new Living(buffer, place, size));
        return;
      }
    }
  }

  private int gap(int slab, long size) {
    long at = Layout.LINE_START;
    List<Living> there =
        living.stream()
            .filter(l -> l.place.array() == FIRST_SLAB + slab)
            .sorted(Comparator.comparingInt(l -> l.place.offset()))
            .toList();
    for (Living other : there) {
      if (other.place.offset() - at >= size) {
        break;
      }
      at = Math.max(at, other.place.offset() + other.size);
    }
    return (int) Math.min(at, Integer.MAX_VALUE);
  }

  private static long rounded(long size) {
    return (size + LINE - 1) / LINE * LINE;
  }

  Place of(Buffer buffer) {
    return Objects.requireNonNull(places.get(buffer.id()), () -> "no place for " + buffer);
  }

  /** The sizes of the slabs in floats. */
  List<Integer> slabs() {
    return List.copyOf(slabs);
  }
}

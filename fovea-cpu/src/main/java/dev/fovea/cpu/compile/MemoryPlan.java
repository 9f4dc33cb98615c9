package dev.fovea.cpu.compile;

import dev.fovea.cpu.compile.Buffer.Home;
import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Gives every buffer its place. A buffer of the arena lives from the step that writes it to the last that reads it, and first fit
 * puts it where nothing living lies; a step that may work in place takes its input's memory over where that dies with it.
 * A tensor lies in one slab; slabs stay below the size of a Java array.
 */
public final class MemoryPlan {
  public static final int PARAMETERS = 0;
  public static final int GRADIENTS = 1;
  public static final int FIRST_SLAB = 2;

  /** Floats; 2^28 are a gibibyte. */
  private static final int SLAB = 1 << 28;

  /** Buffers begin 16 floats apart, with a line of the cache. */
  private static final int LINE = 16;

  private final Map<Integer, Address> addresses = new HashMap<>();
  private final List<Slab> slabs = new ArrayList<>();
  private final Map<Integer, Integer> lastUse = new HashMap<>();

  /** The buffers whose memory is free after each step, unless a step took it over. */
  private final Map<Integer, List<Buffer>> deaths = new HashMap<>();

  /** The buffers whose memory is neither free nor taken over. */
  private final Set<Integer> living = new HashSet<>();

  private MemoryPlan() {}

  public static MemoryPlan of(Lowering.Lowered lowered) {
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
        case PARAMETERS -> plan.addresses.put(buffer.id(), new Address(PARAMETERS, buffer.offset()));
        case GRADIENTS -> plan.addresses.put(buffer.id(), new Address(GRADIENTS, buffer.offset()));
        case KEPT -> plan.address(buffer);
        case ARENA -> {}
      }
    }
    for (Buffer input : lowered.inputs().values()) {
      plan.address(input);
      plan.lives(input, 0);
    }
    for (int i = 0; i < end; i++) {
      plan.step(i, lowered.steps().get(i));
    }
    return plan;
  }

  private void step(int now, Step step) {
    if (step.output().home() == Home.ARENA) {
      Buffer victim = step.inPlace() < 0 ? step.output() : step.inputs().get(step.inPlace());
      if (step.inPlace() >= 0 && dies(victim, now) && victim.size() == step.output().size() && once(step, victim)) {
        addresses.put(step.output().id(), of(victim));
        living.remove(victim.id());
      } else {
        address(step.output());
      }
      lives(step.output(), now);
    }
    for (Buffer dead : deaths.getOrDefault(now, List.of())) {
      if (living.remove(dead.id())) {
        Address address = of(dead);
        slabs.get(address.array() - FIRST_SLAB).free(address.offset(), rounded(dead.size()));
      }
    }
    deaths.remove(now);
  }

  /** From this step to its last use. */
  private void lives(Buffer buffer, int from) {
    living.add(buffer.id());
    int last = Math.max(from, lastUse.getOrDefault(buffer.id(), from));
    deaths.computeIfAbsent(last, _ -> new ArrayList<>()).add(buffer);
  }

  private boolean dies(Buffer buffer, int now) {
    return buffer.home() == Home.ARENA && lastUse.getOrDefault(buffer.id(), -1) == now;
  }

  private static boolean once(Step step, Buffer buffer) {
    return step.inputs().stream().filter(buffer::equals).count() == 1;
  }

  /** First fit: the lowest gap of the first slab that has one. */
  private void address(Buffer buffer) {
    long size = rounded(buffer.size());
    requireArray(size);
    for (int slab = 0;; slab++) {
      if (slab == slabs.size()) {
        slabs.add(new Slab(Math.max(SLAB, size + Layout.LINE_START)));
      }
      OptionalInt at = slabs.get(slab).take(size);
      if (at.isPresent()) {
        addresses.put(buffer.id(), new Address(FIRST_SLAB + slab, at.getAsInt()));
        return;
      }
    }
  }

  /**
   * Refuses what no array holds.
   *
   * @param size in floats
   */
  public static void requireArray(long size) {
    if (size > Integer.MAX_VALUE - 64) {
      throw new FoveaException(
          "a tensor of " + size + " numbers does not fit one array: use a smaller batch or smaller images");
    }
  }

  private static long rounded(long size) {
    return (size + LINE - 1) / LINE * LINE;
  }

  public Address of(Buffer buffer) {
    return Objects.requireNonNull(addresses.get(buffer.id()), () -> "no place for " + buffer);
  }

  /** The sizes of the slabs in floats. */
  public List<Integer> slabs() {
    return slabs.stream().map(Slab::size).toList();
  }

  /** One array, and what of it is free. */
  private static final class Slab {
    private record Gap(long from, long to) {}

    /** In order, and none next to another; the last one ends where the slab does. */
    private final List<Gap> gaps = new ArrayList<>();

    private long size;

    Slab(long room) {
      gaps.add(new Gap(Layout.LINE_START, room));
    }

    /** The floats that were ever taken, from the first on. */
    int size() {
      return (int) size;
    }

    /** Takes so many floats from the first gap that has them. */
    OptionalInt take(long count) {
      for (int i = 0; i < gaps.size(); i++) {
        Gap gap = gaps.get(i);
        long end = gap.from + count;
        if (end <= gap.to) {
          if (end == gap.to) {
            gaps.remove(i);
          } else {
            gaps.set(i, new Gap(end, gap.to));
          }
          size = Math.max(size, end);
          return OptionalInt.of((int) gap.from);
        }
      }
      return OptionalInt.empty();
    }

    void free(long from, long count) {
      int next = -1 - Collections.binarySearch(gaps, new Gap(from, from), Comparator.comparingLong(Gap::from));
      long first = from;
      long end = from + count;
      if (next < gaps.size() && gaps.get(next).from == end) {
        end = gaps.remove(next).to;
      }
      if (next > 0 && gaps.get(next - 1).to == first) {
        first = gaps.remove(--next).from;
      }
      gaps.add(next, new Gap(first, end));
    }
  }
}

package dev.fovea.cpu.compile;

import dev.fovea.cpu.compile.Buffer.Storage;
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
 * Assigns every buffer an address. A buffer of the arena is live from the step that writes it to the last step that reads it;
 * first-fit allocation puts it into memory that no live buffer occupies. A step that may work in place reuses its input's memory if
 * it is the last to read that input. The arena consists of slabs; a tensor is in one slab, and a slab is one Java array.
 */
public final class MemoryPlan {
  public static final int PARAMETERS = 0;
  public static final int GRADIENTS = 1;
  public static final int FIRST_SLAB = 2;

  /** The size of a slab in floats, unless one tensor needs more: a gibibyte. */
  private static final int SLAB = 1 << 28;

  /** The floats of a cache line. Buffers are aligned to cache lines. */
  private static final int LINE = 16;

  private final Map<Integer, Address> addresses = new HashMap<>();
  private final List<Slab> slabs = new ArrayList<>();
  private final Map<Integer, Integer> lastUse = new HashMap<>();

  /** The buffers whose last use is each step: their memory is free after it, unless the step reused it in place. */
  private final Map<Integer, List<Buffer>> lastUses = new HashMap<>();

  /** The buffers whose memory is neither free nor reused in place. */
  private final Set<Integer> live = new HashSet<>();

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
      switch (buffer.storage()) {
        case PARAMETERS -> plan.addresses.put(buffer.id(), new Address(PARAMETERS, buffer.offset()));
        case GRADIENTS -> plan.addresses.put(buffer.id(), new Address(GRADIENTS, buffer.offset()));
        case PERSISTENT -> plan.address(buffer);
        case ARENA -> {}
      }
    }
    for (Buffer input : lowered.inputs().values()) {
      plan.address(input);
      plan.liveFrom(input, 0);
    }
    for (int i = 0; i < end; i++) {
      plan.step(i, lowered.steps().get(i));
    }
    return plan;
  }

  private void step(int now, Step step) {
    if (step.output().storage() == Storage.ARENA) {
      Buffer reused = step.inPlace() < 0 ? step.output() : step.inputs().get(step.inPlace());
      if (step.inPlace() >= 0 && dies(reused, now) && reused.size() == step.output().size() && isReadOnce(step, reused)) {
        addresses.put(step.output().id(), of(reused));
        live.remove(reused.id());
      } else {
        address(step.output());
      }
      liveFrom(step.output(), now);
    }
    for (Buffer dead : lastUses.getOrDefault(now, List.of())) {
      if (live.remove(dead.id())) {
        Address address = of(dead);
        slabs.get(address.array() - FIRST_SLAB).free(address.offset(), rounded(dead.size()));
      }
    }
    lastUses.remove(now);
  }

  /** Marks a buffer as live from this step to its last use. */
  private void liveFrom(Buffer buffer, int from) {
    live.add(buffer.id());
    int last = Math.max(from, lastUse.getOrDefault(buffer.id(), from));
    lastUses.computeIfAbsent(last, _ -> new ArrayList<>()).add(buffer);
  }

  private boolean dies(Buffer buffer, int now) {
    return buffer.storage() == Storage.ARENA && lastUse.getOrDefault(buffer.id(), -1) == now;
  }

  private static boolean isReadOnce(Step step, Buffer buffer) {
    return step.inputs().stream().filter(buffer::equals).count() == 1;
  }

  /** First fit: the lowest gap of the first slab that has one. */
  private void address(Buffer buffer) {
    long size = rounded(buffer.size());
    requireArray(size);
    for (int slab = 0;; slab++) {
      if (slab == slabs.size()) {
        slabs.add(new Slab(Math.max(SLAB, size + Layout.CACHE_LINE_START)));
      }
      OptionalInt offset = slabs.get(slab).allocate(size);
      if (offset.isPresent()) {
        addresses.put(buffer.id(), new Address(FIRST_SLAB + slab, offset.getAsInt()));
        return;
      }
    }
  }

  /**
   * Refuses a tensor that is larger than a Java array can be.
   *
   * @param size in floats
   */
  public static void requireArray(long size) {
    if (size > Integer.MAX_VALUE - 64) {
      throw new FoveaException(
          "a tensor of " + size + " elements does not fit into one array: use a smaller batch or smaller images");
    }
  }

  private static long rounded(long size) {
    return (size + LINE - 1) / LINE * LINE;
  }

  public Address of(Buffer buffer) {
    return Objects.requireNonNull(addresses.get(buffer.id()), () -> "no address for " + buffer);
  }

  /** The sizes of the slabs in floats. */
  public List<Integer> slabs() {
    return slabs.stream().map(Slab::size).toList();
  }

  /** One array and its free gaps. */
  private static final class Slab {
    private record Gap(long from, long to) {}

    /** Ascending and not adjacent. */
    private final List<Gap> gaps = new ArrayList<>();

    private long size;

    Slab(long capacity) {
      gaps.add(new Gap(Layout.CACHE_LINE_START, capacity));
    }

    /** The end of the highest allocation so far, in floats. */
    int size() {
      return (int) size;
    }

    /** Allocates this number of floats from the first gap that is large enough. */
    OptionalInt allocate(long count) {
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

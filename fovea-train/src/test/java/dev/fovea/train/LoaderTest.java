package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.Samples;
import dev.fovea.graph.Inputs;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoaderTest {
  private static final int SIZE = 90;
  private static final int BATCH = 4;
  private static final List<String> NAMES = List.of("input", TrainingGraph.LABELS);

  private final Set<String> readers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger read = new AtomicInteger();

  /** Each value tells epoch and index; a row takes 2 ms, so that it is worth reading ahead. */
  private final class Slow implements Samples {
    private final int epoch;
    private final int broken;

    Slow(int epoch, int broken) {
      this.epoch = epoch;
      this.broken = broken;
    }

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public int size() {
      return SIZE;
    }

    @Override
    public Task task() {
      return new Task.OneLabel(List.of("a", "b"));
    }

    @Override
    public void read(int index, Inputs to, int row, float[] labels, int labelOffset) {
      readers.add(Thread.currentThread().getName());
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // closed
        return;
      }
      if (epoch == 1 && index >= broken) {
        throw new FoveaException("image " + index);
      }
      Slot slot = to.input("input");
      slot.array()[slot.offset() + 2 * row] = epoch;
      slot.array()[slot.offset() + 2 * row + 1] = index;
      labels[labelOffset] = index % 2;
      read.incrementAndGet();
    }
  }

  /** Memory for a batch, with slots that do not begin at 0. */
  private record Memory(Slot input, Slot labels) implements Workspace {
    static Memory of(int size) {
      return new Memory(new Slot(new float[2 * size + 3], 3, Shape.of(size, 2)),
          new Slot(new float[size + 1], 1, Shape.of(size)));
    }

    @Override
    public Slot input(String name) {
      return name.equals("input") ? input : labels;
    }

    @Override
    public Slot output(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public float[] gradients() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void random(Rng key) {
      throw new UnsupportedOperationException();
    }
  }

  /** The batches of two epochs; the last one of each is smaller. */
  private static List<Loader.Batch> batches() {
    List<Loader.Batch> batches = new ArrayList<>();
    for (int epoch = 0; epoch < 2; epoch++) {
      int[] order = Rng.of(epoch).permutation(SIZE);
      for (int from = 0; from < SIZE; from += BATCH) {
        batches.add(new Loader.Batch(epoch, order, from, Math.min(SIZE, from + BATCH)));
      }
    }
    return batches;
  }

  private void readAll(Loader loader, int[] ahead) {
    List<Loader.Batch> all = batches();
    int done = 0;
    for (int i = 0; i < all.size(); i++) {
      Loader.Batch batch = all.get(i);
      Memory memory = Memory.of(batch.size());
      loader.read(batch, memory, all.subList(i + 1, all.size()));
      done += batch.size();
      ahead[0] = Math.max(ahead[0], read.get() - done);
      for (int row = 0; row < batch.size(); row++) {
        int index = batch.order()[batch.from() + row];
        assertThat(memory.input.array()).startsWith(0, 0, 0);
        assertThat(memory.input.array()[3 + 2 * row]).isEqualTo(batch.epoch());
        assertThat(memory.input.array()[4 + 2 * row]).isEqualTo(index);
        assertThat(memory.labels.array()[1 + row]).isEqualTo(index % 2);
      }
    }
  }

  @Test
  void slowBatchesAreReadAheadByOtherThreads() {
    int[] ahead = {0};
    try (Loader loader = new Loader(epoch -> new Slow(epoch, SIZE), NAMES, 3)) {
      readAll(loader, ahead);
      assertThat(loader.waited()).isPositive();
    }
    assertThat(readers).hasSizeGreaterThan(1).contains(Thread.currentThread().getName());
    assertThat(ahead[0]).isBetween(0, Loader.AHEAD * BATCH);
    assertThat(read.get()).isEqualTo(2 * SIZE); // each image once an epoch
  }

  /** Whatever thread fails first, the image that comes first in the batch is named. */
  @Test
  void firstFailureIsThrown() {
    List<Loader.Batch> all = batches();
    int broken = 60;
    try (Loader loader = new Loader(epoch -> new Slow(epoch, broken), NAMES, 4)) {
      assertThatThrownBy(() -> readAll(loader, new int[1])).isInstanceOf(FoveaException.class).satisfies(e -> {
        int index = Integer.parseInt(String.valueOf(e.getMessage()).replace("image ", ""));
        Loader.Batch batch = all.stream().filter(b -> b.epoch() == 1 && contains(b, index)).findFirst().orElseThrow();
        for (int i = batch.from(); batch.order()[i] != index; i++) {
          assertThat(batch.order()[i]).isLessThan(broken);
        }
      });
    }
  }

  private static boolean contains(Loader.Batch batch, int index) {
    for (int i = batch.from(); i < batch.to(); i++) {
      if (batch.order()[i] == index) {
        return true;
      }
    }
    return false;
  }

  @Test
  void sameBatchesAreEqual() {
    assertThat(batches()).isEqualTo(batches()).doesNotHaveDuplicates();
    assertThat(Map.of(batches().getFirst(), 1)).containsKey(batches().getFirst());
  }
}

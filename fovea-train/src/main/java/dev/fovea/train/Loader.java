package dev.fovea.train;

import dev.fovea.data.Samples;
import dev.fovea.graph.Inputs;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches of samples, if that takes long enough on other threads ahead of their use: images are decoded and augmented while the
 * network computes. What is read is a function of the batch, so that nothing depends on threads or on how far ahead they are. At most
 * {@value #AHEAD} batches are held besides the current one.
 *
 * <p>For one thread.
 */
final class Loader implements AutoCloseable {
  /** The number of batches that are read ahead. */
  static final int AHEAD = 2;

  /** Batches that are read without other threads, to see how long that takes. */
  private static final int TRIAL = 16;

  /** Below this share of the time, handing batches from thread to thread would cost more than it saves. */
  private static final double CHEAP = 0.02;

  private final IntFunction<Samples> samples;
  private final List<String> names;
  private final int threads;
  private final Map<Batch, Pending> pending = new LinkedHashMap<>();
  private final Deque<Buffers> free = new ArrayDeque<>();
  private long began = System.nanoTime();
  private long waited;
  private int batches;
  private @Nullable ExecutorService workers;

  /**
   * The images of a step: {@code order[from]} to {@code order[to - 1]}, as they are in that epoch, from 0. Two are equal if epoch and
   * range are: an epoch has one order.
   */
  @SuppressWarnings("ArrayRecordComponent") // Only read.
  record Batch(int epoch, int[] order, int from, int to) {
    int size() {
      return to - from;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Batch b && epoch == b.epoch && from == b.from && to == b.to;
    }

    @Override
    public int hashCode() {
      return 31 * (31 * epoch + from) + to;
    }
  }

  /** Memory for a batch. */
  private record Buffers(int size, Map<String, Slot> inputs) implements Inputs {
    @Override
    public Slot input(String name) {
      return Objects.requireNonNull(inputs.get(name), name);
    }
  }

  private record Pending(Buffers buffers, List<Future<?>> parts) {}

  /** The wait for a batch, for the JDK's flight recorder. */
  @Name("dev.fovea.Load")
  @Label("Batch Loading")
  @Description("The wait of a training step until its images are in its input")
  @Category({"Fovea", "Data"})
  @StackTrace(false)
  @SuppressWarnings("UnusedVariable") // the recorder reads them
  private static final class LoadEvent extends Event {
    @Label("Images")
    int images;
  }

  /**
   * Nothing is read before the first batch.
   *
   * @param samples of each epoch, from 0; read from many threads
   * @param names of the inputs that are read, labels among them
   * @param threads to read with
   */
  Loader(IntFunction<Samples> samples, List<String> names, int threads) {
    this.samples = samples;
    this.names = List.copyOf(names);
    this.threads = threads;
  }

  /**
   * Writes a batch into the workspace's inputs, and waits for it if it has to.
   *
   * @param coming the batches after it, in their order, of which the first {@value #AHEAD} are begun
   */
  void read(Batch batch, Workspace to, List<Batch> coming) {
    LoadEvent event = new LoadEvent();
    event.begin();
    long start = System.nanoTime();
    if (batches == 0) {
      began = start;
    }
    Pending begun = pending.remove(batch);
    if (begun == null) {
      rows(batch, 0, batch.size(), to);
    } else {
      await(begun);
      copy(begun.buffers, to);
      free.add(begun.buffers);
    }
    event.images = batch.size();
    event.commit();
    batches++;
    waited += System.nanoTime() - start;
    if (batches == TRIAL && !coming.isEmpty() && waited > CHEAP * (System.nanoTime() - began)) {
      workers = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().name("fovea-loader-", 0).factory());
    }
    if (workers != null) {
      coming.stream().limit(AHEAD).filter(next -> !pending.containsKey(next)).forEach(next -> begin(next, to, workers));
    }
  }

  /** Reads a part of a batch into its rows. */
  void rows(Batch batch, int first, int end, Inputs to) {
    Samples from = samples.apply(batch.epoch);
    Slot labels = to.input(TrainingGraph.LABELS);
    int each = labels.shape().sizeFrom(1);
    for (int row = first; row < end; row++) {
      from.read(batch.order[batch.from + row], to, row, labels.array(), labels.offset() + row * each);
    }
  }

  private void begin(Batch batch, Workspace like, ExecutorService on) {
    Buffers buffers = buffers(batch.size(), like);
    List<Future<?>> parts = new ArrayList<>();
    int rows = Math.ceilDiv(batch.size(), threads);
    for (int first = 0; first < batch.size(); first += rows) {
      int from = first;
      int end = Math.min(batch.size(), first + rows);
      parts.add(on.submit(() -> rows(batch, from, end, buffers)));
    }
    pending.put(batch, new Pending(buffers, parts));
  }

  private Buffers buffers(int size, Workspace like) {
    Buffers known = free.stream().filter(buffers -> buffers.size() == size).findFirst().orElse(null);
    if (known != null) {
      free.remove(known);
      return known;
    }
    Map<String, Slot> inputs = new LinkedHashMap<>();
    for (String name : names) {
      Shape shape = like.input(name).shape().with(0, size);
      inputs.put(name, new Slot(new float[shape.size()], 0, shape));
    }
    return new Buffers(size, inputs);
  }

  /** The failure of the first image is thrown, independent of the order in which threads find them. */
  private static void await(Pending batch) {
    try {
      for (Future<?> part : batch.parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Error error -> throw error;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new AssertionError("reading throws no checked exceptions", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FoveaException("reading images was interrupted; run it again", e);
    }
  }

  private static void copy(Buffers from, Workspace to) {
    from.inputs.forEach((name, slot) -> {
      Slot input = to.input(name);
      System.arraycopy(slot.array(), 0, input.array(), input.offset(), slot.shape().size());
    });
  }

  /** The seconds in which the caller had to wait for images so far. */
  double waited() {
    return waited * 1e-9;
  }

  /** Stops reading. */
  @Override
  public void close() {
    if (workers != null) {
      workers.shutdownNow();
    }
    pending.clear();
  }
}

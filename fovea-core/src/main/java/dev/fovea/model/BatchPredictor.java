package dev.fovea.model;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Program;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Predicts many images: in batches, while other threads decode the images of the next ones. Each result has the same bits as {@link
 * Model#predict(Image, TestTimeAugmentation)}, {@link Model#segment(Image)} or {@link Model#numbers(Image)} of its image. Memory is bounded by a batch, two batches
 * of decoded images at the network's size, and one image of full size for each thread.
 */
public final class BatchPredictor {
  private static final int BATCH = 32;

  /** The number of elements of a batch's largest tensor, 128 MiB, above which batches are smaller. */
  private static final long MAX_ELEMENTS = 1 << 25;

  private final Model model;
  private final int threads;
  private final TestTimeAugmentation augmentation;

  private BatchPredictor(Model model, int threads, TestTimeAugmentation augmentation) {
    this.model = model;
    this.threads = threads;
    this.augmentation = augmentation;
  }

  /**
   * For a model of any task.
   *
   * @param threads the number of threads that decode, and of those that run the network
   * @throws FoveaException if nothing is known about the model's outputs
   */
  public static BatchPredictor of(Model model, int threads) {
    if (threads < 1) {
      throw new FoveaException("threads: expected 1 or more, got " + threads);
    }
    return new BatchPredictor(model.standardForm(), threads, TestTimeAugmentation.NONE);
  }

  /** The same with the mean of the probabilities over these views of each image, for a classifier. */
  public BatchPredictor augmentation(TestTimeAugmentation views) {
    return new BatchPredictor(model, threads, views);
  }

  /** Receives the results in the images' order, on the caller's thread. What it throws ends the prediction. */
  public interface Results<T> {
    void predicted(int index, T result);

    /** The image could not be read, or the network's outputs for it are not finite. */
    void failed(int index, FoveaException reason);
  }

  /**
   * Classifies images, into one class or several.
   *
   * @param images reads an image by its index, from 0 to {@code count - 1}; called on several threads, out of order
   */
  public void predict(int count, IntFunction<Image> images, Results<Prediction> results) {
    Predictor.requireClassifier(model);
    new Pass<double[], Prediction>(count, images, results, (logits, row) -> Predictor.probabilities(model, logits, row),
        item -> Prediction.of(Predictor.mean(item.outputs), model.card().classes())).run();
  }

  /** Labels each pixel of images, at the size of each. */
  public void segment(int count, IntFunction<Image> images, Results<Segmentation> results) {
    Predictor.requireSegmentation(model);
    if (augmentation != TestTimeAugmentation.NONE) {
      throw new FoveaException(
          model.card().network() + " labels each pixel of an image: test-time augmentation is for classifiers");
    }
    new Pass<LabelMap, Segmentation>(count, images, results, (logits, row) -> Predictor.labels(model, logits, row),
        item -> new Segmentation(item.outputs.getFirst().resize(item.width, item.height), model.card().classes())).run();
  }

  /** The numbers of images by name, in the user's units. */
  public void numbers(int count, IntFunction<Image> images, Results<Map<String, Double>> results) {
    Predictor.requireNumbers(model);
    if (augmentation != TestTimeAugmentation.NONE) {
      throw new FoveaException(model.card().network() + " gives numbers: test-time augmentation is for classifiers");
    }
    new Pass<Map<String, Double>, Map<String, Double>>(count, images, results,
        (outputs, row) -> Predictor.numbers(model, outputs, row), item -> item.outputs.getFirst()).run();
  }

  /** Reads the output of one row of a batch. */
  private interface RowReader<R> {
    R read(Workspace.Slot logits, int row);
  }

  /** An image on its way: decoded into views, or why it was not, and the outputs of the views so far. */
  private static final class Item<R> {
    private final int width;
    private final int height;
    private final List<Image> views;
    private final List<R> outputs = new ArrayList<>();
    private @Nullable FoveaException failure;

    Item(Image image, List<Image> views) {
      this.width = image.width();
      this.height = image.height();
      this.views = views;
    }

    Item(FoveaException failure) {
      this.width = 0;
      this.height = 0;
      this.views = List.of();
      this.failure = failure;
    }

    boolean isDone() {
      return failure != null || outputs.size() == views.size();
    }
  }

  /** One view of an image in a row of the batch. */
  private record Row<R>(Item<R> item, Image view) {}

  private final class Pass<R, T> {
    private final int count;
    private final IntFunction<Image> images;
    private final Results<T> results;
    private final RowReader<R> reader;
    private final Function<Item<R>, T> result;
    private final Program program;
    private final Workspace workspace;
    private final int batch;
    private final List<Row<R>> rows = new ArrayList<>();

    /** In the images' order. */
    private final Deque<Item<R>> unfinished = new ArrayDeque<>();

    private int reported;

    Pass(int count, IntFunction<Image> images, Results<T> results, RowReader<R> reader, Function<Item<R>, T> result) {
      this.count = count;
      this.images = images;
      this.results = results;
      this.reader = reader;
      this.result = result;
      int wanted = (int) Math.min(batchFor(model.graph()), Math.max(1, (long) count * augmentation.count()));
      this.batch = ProcessMemory.largest(wanted, n -> model.program(n, threads).workspaceBytes());
      this.program = model.program(batch, threads);
      this.workspace = program.workspace();
    }

    void run() {
      int ahead = Math.max(threads, 2 * batch / augmentation.count());
      Queue<Future<Item<R>>> decoding = new ArrayDeque<>();
      ExecutorService decoders =
          Executors.newFixedThreadPool(Math.min(threads, Math.max(1, count)),
              Thread.ofPlatform().daemon().name("fovea-decode-", 1).factory());
      try {
        for (int taken = 0, asked = 0; taken < count; taken++) {
          for (; asked < count && asked - taken < ahead; asked++) {
            int index = asked;
            decoding.add(decoders.submit(() -> decode(index)));
          }
          add(join(decoding.remove()));
        }
        runRows();
      } finally {
        decoders.shutdownNow();
      }
    }

    private Item<R> decode(int index) {
      try {
        Image image = images.apply(index);
        return new Item<>(image, augmentation.views(image, model.card().preprocessing()));
      } catch (FoveaException e) {
        return new Item<>(e);
      }
    }

    private Item<R> join(Future<Item<R>> item) {
      try {
        return item.get();
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case Error error -> throw error;
          case RuntimeException exception -> throw exception;
          case null, default -> throw new AssertionError("decoding throws no checked exceptions", e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new FoveaException("predicting images was interrupted; run it again", e);
      }
    }

    private void add(Item<R> item) {
      unfinished.add(item);
      for (Image view : item.views) {
        rows.add(new Row<>(item, view));
        if (rows.size() == batch) {
          runRows();
        }
      }
      report();
    }

    /** Rows of the batch that are not filled hold anything: each row's output depends on that row alone. */
    private void runRows() {
      if (rows.isEmpty()) {
        return;
      }
      Preprocessing preprocessing = model.card().preprocessing();
      Workspace.Slot input = workspace.input(Model.INPUT);
      for (int r = 0; r < rows.size(); r++) {
        preprocessing.normalise(rows.get(r).view, input.array(), input.offset() + r * input.shape().sizeFrom(1));
      }
      program.run(workspace);
      Workspace.Slot logits = workspace.output(Model.OUTPUT);
      for (int r = 0; r < rows.size(); r++) {
        Item<R> item = rows.get(r).item;
        try {
          Predictor.requireFinite(model, logits, r);
          item.outputs.add(reader.read(logits, r));
        } catch (FoveaException e) {
          item.failure = e;
        }
      }
      rows.clear();
      report();
    }

    private void report() {
      for (Item<R> next = unfinished.peek(); next != null && next.isDone(); next = unfinished.peek()) {
        unfinished.remove();
        FoveaException failure = next.failure;
        if (failure != null) {
          results.failed(reported++, failure);
        } else {
          results.predicted(reported++, result.apply(next));
        }
      }
    }
  }

  private static int batchFor(Graph graph) {
    long largest =
        graph.nodes().stream().mapToInt(node -> node.shape().rank() < 2 ? 1 : node.shape().sizeFrom(1)).max().orElse(1);
    return Math.clamp(MAX_ELEMENTS / largest, 1, BATCH);
  }
}

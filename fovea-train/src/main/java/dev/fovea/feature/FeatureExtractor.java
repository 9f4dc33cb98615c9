package dev.fovea.feature;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Computes the features of images.
 *
 * @param body from an image to the features
 * @param parameters that hold the body's
 * @param cache of features that were computed before
 */
public record FeatureExtractor(Graph body, Parameters parameters, int threads, FeatureCache cache) {
  private static final int BATCH = 32;

  /**
   * The features of all images.
   *
   * @param progress receives the number of images done
   * @param stop checked before each batch; what is computed before is kept in the cache
   * @return nothing if it was stopped
   */
  public Optional<Features> extract(PreprocessedDataset images, IntConsumer progress, BooleanSupplier stop) {
    float[][] values = new float[images.size()][];
    FeatureCache.Entries known = cache.entries(body, parameters, images.preprocessing());
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      Optional<float[]> found = known.find(images.image(i));
      if (found.isPresent()) {
        values[i] = found.get();
      } else {
        missing.add(i);
      }
    }
    int done = values.length - missing.size();
    try {
      compute(images, missing, values, n -> progress.accept(done + n), stop);
    } finally {
      missing.stream().filter(i -> values[i] != null).forEach(i -> known.add(images.image(i), values[i]));
      known.save();
    }
    boolean complete = missing.isEmpty() || values[missing.getLast()] != null;
    return complete ? Optional.of(new Features(images, body, values)) : Optional.empty();
  }

  private void compute(PreprocessedDataset images, List<Integer> indices, float[][] values, IntConsumer progress,
      BooleanSupplier stop) {
    Program program = null;
    Workspace workspace = null;
    for (int from = 0; from < indices.size() && !stop.getAsBoolean(); from += BATCH) {
      int count = Math.min(BATCH, indices.size() - from);
      if (program == null || workspace == null || count < BATCH) {
        program = Backends.find().compile(Rewrite.inference(Rewrite.withBatch(body, count)), parameters, threads);
        workspace = program.workspace();
      }
      float[] labels = new float[images.task().size()]; // not needed here
      for (int i = 0; i < count; i++) {
        images.read(indices.get(from + i), workspace, i, labels, 0);
      }
      program.run(workspace);
      List<Slot> outputs = body.outputs().keySet().stream().map(workspace::output).toList();
      for (int i = 0; i < count; i++) {
        values[indices.get(from + i)] = row(outputs, i);
      }
      progress.accept(from + count);
    }
  }

  private static float[] row(List<Slot> slots, int row) {
    float[] values = new float[slots.stream().mapToInt(slot -> slot.shape().sizeFrom(1)).sum()];
    int to = 0;
    for (Slot slot : slots) {
      int size = slot.shape().sizeFrom(1);
      System.arraycopy(slot.array(), slot.offset() + row * size, values, to, size);
      to += size;
    }
    return values;
  }
}

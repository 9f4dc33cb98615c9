package dev.fovea.explain.look;

import dev.fovea.data.Dataset;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.survey.ImageBatches;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * The places that excite each map of a layer most, over all images, one of each image (Zeiler and Fergus 2014, section 4.1). Only
 * the best of each map are held, however many images there are.
 */
public final class StrongestPatches {
  /**
   * A place of a map.
   *
   * @param image its index in the data set
   * @param activation the map's value there
   */
  public record Patch(int image, int row, int column, float activation) {}

  /** The strongest first; of equals the first image. */
  private static final Comparator<Patch> STRONGEST_FIRST =
      Comparator.comparingDouble((Patch patch) -> -patch.activation()).thenComparingInt(Patch::image);

  private final int count;
  private final List<List<Patch>> byMap;

  private StrongestPatches(int maps, int count) {
    this.count = count;
    this.byMap = IntStream.range(0, maps).<List<Patch>>mapToObj(_ -> new ArrayList<>()).toList();
  }

  /**
   * Reads all images once.
   *
   * @param layer whose output is the layer's maps, {@link Explainer#upTo}
   * @param count of each map
   * @param progress receives the number of images done
   * @return for each map its patches, the strongest first; none where a map is never above 0
   */
  public static List<List<Patch>> of(Explainer layer, Dataset data, int count, IntConsumer progress) {
    Shape maps = layer.graph(1).outputShape(Model.OUTPUT);
    StrongestPatches best = new StrongestPatches(maps.dim(1), count);
    new ImageBatches(layer, data).forEach((first, inputs) -> best.add(layer, first, layer.outputs(inputs)), progress);
    return best.byMap.stream().map(List::copyOf).toList();
  }

  private void add(Explainer layer, int first, Tensor outputs) {
    int plane = outputs.shape().sizeFrom(2);
    int width = outputs.shape().rank() == 4 ? outputs.shape().dim(3) : 1;
    layer.loop(byMap.size(), map -> {
      for (int n = 0; n < outputs.shape().dim(0); n++) {
        int from = (n * byMap.size() + map) * plane;
        int at = from;
        for (int i = from + 1; i < from + plane; i++) {
          at = outputs.values()[i] > outputs.values()[at] ? i : at;
        }
        add(byMap.get(map), new Patch(first + n, (at - from) / width, (at - from) % width, outputs.values()[at]));
      }
    });
  }

  private void add(List<Patch> best, Patch patch) {
    boolean among = patch.activation() > 0 && (best.size() < count || STRONGEST_FIRST.compare(patch, best.getLast()) < 0);
    if (among) {
      int at = 0;
      while (at < best.size() && STRONGEST_FIRST.compare(best.get(at), patch) < 0) {
        at++;
      }
      best.add(at, patch);
      if (best.size() > count) {
        best.removeLast();
      }
    }
  }
}

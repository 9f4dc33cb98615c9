package dev.fovea.explain.look;

import dev.fovea.data.Dataset;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.input.Deconvnet;
import dev.fovea.explain.look.StrongestPatches.Patch;
import dev.fovea.explain.survey.ImageBatches;
import dev.fovea.graph.Graph;
import dev.fovea.graph.ReceptiveField;
import dev.fovea.graph.ReceptiveField.Range;
import dev.fovea.graph.ReceptiveFields;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What an image shows at a place, next to what of it excites a map there: the place's activation alone, projected back to the input by
 * the deconvolutional network (Zeiler and Fergus 2014, figure 2).
 */
public final class Projections {
  private static final Deconvnet DECONVNET = new Deconvnet();

  /** The longer side of a projection in pixels, at most. */
  private static final int SIDE = 56;

  /** The part of the values other than 0 that the range shows: single ones are so large that the others could not be seen. */
  private static final double SHOWN = 0.97;

  private final Explainer layer;
  private final Dataset data;
  private final Graph graph;
  private final ReceptiveFields fields;

  /**
   * Of images of a data set.
   *
   * @param layer whose output is the layer's maps
   */
  public Projections(Explainer layer, Dataset data) {
    this.layer = layer;
    this.data = data;
    this.graph = layer.graph(1);
    this.fields = ReceptiveFields.of(graph);
  }

  /** A part of an image, and the projection of the same part. */
  public record Pair(Image patch, Image projection) {}

  /** The pairs of one map's patches, in their order. */
  public List<Pair> of(int map, List<Patch> patches) {
    List<Pair> pairs = new ArrayList<>();
    int batch = layer.batch(patches.size());
    for (int from = 0; from < patches.size(); from += batch) {
      pairs.addAll(batch(map, patches.subList(from, Math.min(patches.size(), from + batch))));
    }
    return pairs;
  }

  private List<Pair> batch(int map, List<Patch> patches) {
    Tensor inputs = new ImageBatches(layer, data).inputs(patches.stream().mapToInt(Patch::image).toArray());
    Shape outputs = graph.outputShape(Model.OUTPUT).with(0, patches.size());
    float[] weights = new float[outputs.size()];
    for (int i = 0; i < patches.size(); i++) {
      int width = outputs.rank() == 4 ? outputs.dim(3) : 1;
      weights[(i * outputs.dim(1) + map) * outputs.sizeFrom(2) + patches.get(i).row() * width + patches.get(i).column()] =
          patches.get(i).activation();
    }
    Tensor projected = DECONVNET.map(layer, inputs, new Tensor(outputs, weights));
    return IntStream.range(0, patches.size()).mapToObj(i -> pair(inputs, projected, i, patches.get(i))).toList();
  }

  private Pair pair(Tensor inputs, Tensor projected, int row, Patch patch) {
    Preprocessing preprocessing = layer.model().card().preprocessing();
    int size = inputs.shape().sizeFrom(1);
    ReceptiveField field = fields.of(graph.output(Model.OUTPUT), patch.row(), patch.column());
    Part part = part(field, preprocessing.height(), preprocessing.width());
    return new Pair(cut(preprocessing.image(inputs.values(), row * size), part),
        grey(projected, row, part, preprocessing.bgr()));
  }

  /**
   * In colours around grey, which is zero. A large part is averaged before it is scaled: single values are much larger than what lies
   * around them.
   */
  private static Image grey(Tensor projected, int row, Part part, boolean bgr) {
    int channels = projected.shape().dim(1);
    int block = Math.ceilDiv(Math.max(part.height(), part.width()), SIDE);
    int height = Math.ceilDiv(part.height(), block);
    int width = Math.ceilDiv(part.width(), block);
    double[] sums = new double[channels * height * width];
    for (int c = 0; c < channels; c++) {
      int plane = (row * channels + c) * projected.shape().sizeFrom(2);
      int to = bgr ? 2 - c : c;
      for (int y = part.firstRow(); y < part.endRow(projected.shape().dim(2)); y++) {
        for (int x = part.firstColumn(); x < part.endColumn(projected.shape().dim(3)); x++) {
          sums[(y / block * width + x / block) * channels + to] +=
              projected.values()[plane + (part.top() + y) * projected.shape().dim(3) + part.left() + x];
        }
      }
    }
    double[] sizes = Arrays.stream(sums).map(Math::abs).filter(value -> value > 0).sorted().toArray();
    double largest = sizes.length == 0 ? 1 : sizes[(int) (SHOWN * (sizes.length - 1))];
    byte[] pixels = new byte[sums.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Math.clamp(Math.round(127.5 + 127.5 * sums[i] / largest), 0, 255);
    }
    return new Image(width, height, channels, pixels);
  }

  /** Grey beyond the image. */
  private static Image cut(Image image, Part part) {
    byte[] pixels = new byte[part.width() * part.height() * image.channels()];
    Arrays.fill(pixels, (byte) 128);
    for (int y = part.firstRow(); y < part.endRow(image.height()); y++) {
      for (int x = part.firstColumn(); x < part.endColumn(image.width()); x++) {
        for (int c = 0; c < image.channels(); c++) {
          pixels[(y * part.width() + x) * image.channels() + c] = (byte) image.at(part.left() + x, part.top() + y, c);
        }
      }
    }
    return new Image(part.width(), part.height(), image.channels(), pixels);
  }

  /** A rectangle, which may lie partly beyond the image. */
  private record Part(int top, int left, int height, int width) {
    int firstRow() {
      return Math.max(0, -top);
    }

    int endRow(int rows) {
      return Math.min(height, rows - top);
    }

    int firstColumn() {
      return Math.max(0, -left);
    }

    int endColumn(int columns) {
      return Math.min(width, columns - left);
    }
  }

  /** What a place sees; all of the image along an axis of which it sees as much or more, or nothing. */
  private static Part part(ReceptiveField field, int height, int width) {
    Range rows = seen(field.rows(), height);
    Range columns = seen(field.columns(), width);
    return new Part((int) rows.first(), (int) columns.first(), (int) rows.size(), (int) columns.size());
  }

  private static Range seen(Range field, int size) {
    return field.size() > 0 && field.size() < size ? field : new Range(0, size - 1L);
  }
}

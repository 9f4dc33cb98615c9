package dev.fovea.explain.look;

import dev.fovea.explain.Cosine;
import dev.fovea.explain.Explainer;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Filters of one layer that are alike: two with nearly the same weights compute nearly the same map.
 *
 * @param cosine of the angle between their weights
 */
public record FilterSimilarity(int first, int second, double cosine) {
  /** The cosine from which filters count as duplicates. */
  public static final double DUPLICATE = 0.95;

  /** Filters whose products with all are computed at once. */
  private static final int ROWS = 256;

  private static final String FILTERS = "filters";

  /** The engine's cosines are in single precision: those that are this much smaller are computed again. */
  private static final double MARGIN = 1e-3;

  /** The pairs of a convolution's or fully connected layer's filters that are duplicates, the most alike first. */
  public static List<FilterSimilarity> of(Explainer network, Node layer) {
    Graph graph = network.graph(1);
    boolean rows = layer.op() instanceof Op.Conv || layer.op() instanceof Op.Gemm(_, boolean transB) && transB;
    boolean columns = layer.op() instanceof Op.MatMul || layer.op() instanceof Op.Gemm(_, boolean transB) && !transB;
    if (!(rows || columns) || !(graph.at(layer.inputs().get(1)).op() instanceof Op.Param param) || param.shape().size() == 0
        || columns && param.shape().rank() != 2) {
      return List.of();
    }
    Parameters parameters = network.model().parameters();
    int filters = param.shape().dim(rows ? 0 : 1);
    int size = param.shape().size() / filters;
    int offset = rows ? parameters.entry(param.name()).offset() : 0;
    float[] weights = rows ? parameters.values() : transposed(parameters, param);
    Model products = products(network, param, rows);
    double[] lengths = IntStream.range(0, filters).mapToDouble(f -> Cosine.length(weights, offset + f * size, size)).toArray();
    List<FilterSimilarity> alike = new ArrayList<>();
    for (int first = 0; first < filters; first += ROWS) {
      int count = Math.min(ROWS, filters - first);
      float[] some = Arrays.copyOfRange(weights, offset + first * size, offset + (first + count) * size);
      float[] with = products.run(new Tensor(Shape.of(count, size), some)).values();
      for (int a = first; a < first + count; a++) {
        for (int b = a + 1; b < filters; b++) {
          if (with[(a - first) * filters + b] >= (DUPLICATE - MARGIN) * lengths[a] * lengths[b]) {
            double cosine = Cosine.of(some, (a - first) * size, weights, offset + b * size, size);
            if (cosine >= DUPLICATE) {
              alike.add(new FilterSimilarity(a, b, cosine));
            }
          }
        }
      }
    }
    alike.sort(Comparator.comparingDouble(FilterSimilarity::cosine).reversed());
    return alike;
  }

  /** A product of matrices has a filter in each column. */
  private static float[] transposed(Parameters parameters, Op.Param param) {
    int rows = param.shape().dim(0);
    int columns = param.shape().dim(1);
    int offset = parameters.entry(param.name()).offset();
    float[] transposed = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transposed[j * rows + i] = parameters.values()[offset + i * columns + j];
      }
    }
    return transposed;
  }

  /** Of some filters with all. */
  private static Model products(Explainer network, Op.Param param, boolean rows) {
    GraphBuilder g = new GraphBuilder();
    int size = rows ? param.shape().sizeFrom(1) : param.shape().dim(0);
    Value some = g.input(FILTERS, Shape.of(1, size));
    g.output(FILTERS, g.op(new Op.Gemm(false, rows), some, g.op(new Op.Flatten(), g.op(param))));
    return new Model(g.build(), network.model().parameters(), Card.of(FILTERS)).withThreads(network.threads());
  }
}

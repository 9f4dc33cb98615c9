package dev.fovea.explain.look;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.model.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Filters of one layer that are alike: two with nearly the same weights compute nearly the same map.
 *
 * @param cosine of the angle between their weights
 */
public record FilterSimilarity(int first, int second, double cosine) {
  /** The cosine from which filters count as duplicates. */
  public static final double DUPLICATE = 0.95;

  /** The pairs of a convolution's or fully connected layer's filters that are duplicates, the most alike first. */
  public static List<FilterSimilarity> of(Model model, Graph graph, Node layer) {
    boolean weighted = layer.op() instanceof Op.Conv || layer.op() instanceof Op.Gemm gemm && gemm.transB();
    if (!weighted || !(graph.at(layer.inputs().get(1)).op() instanceof Op.Param param) || param.shape().size() == 0) {
      return List.of();
    }
    Parameters parameters = model.parameters();
    int filters = param.shape().dim(0);
    int size = param.shape().sizeFrom(1);
    int offset = parameters.entry(param.name()).offset();
    List<FilterSimilarity> alike = new ArrayList<>();
    for (int a = 0; a < filters; a++) {
      for (int b = a + 1; b < filters; b++) {
        double cosine = angle(parameters.values(), offset + a * size, offset + b * size, size);
        if (cosine >= DUPLICATE) {
          alike.add(new FilterSimilarity(a, b, cosine));
        }
      }
    }
    alike.sort(Comparator.comparingDouble(FilterSimilarity::cosine).reversed());
    return alike;
  }

  /** The cosine of the angle between two rows; 0 if one of them is zero. */
  static double angle(float[] values, int a, int b, int size) {
    double product = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < size; i++) {
      product += (double) values[a + i] * values[b + i];
      squareA += (double) values[a + i] * values[a + i];
      squareB += (double) values[b + i] * values[b + i];
    }
    return product == 0 ? 0 : product / Math.sqrt(squareA * squareB);
  }
}

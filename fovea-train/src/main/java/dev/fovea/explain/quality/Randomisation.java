package dev.fovea.explain.quality;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Heatmap;
import dev.fovea.explain.Method;
import dev.fovea.explain.Target;
import dev.fovea.graph.Parameters;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whether a map depends on what the network has learnt. The weights of its last layers are shuffled, of more layers in each step, and the
 * map of such a network must differ from that of the network itself: the cascading randomisation of Adebayo et al. 2018 (Sanity checks
 * for saliency maps, arXiv 1810.03292), section 3.1.
 *
 * @param similarities the rank correlation of the sizes of both maps' numbers: with the last layer shuffled, ..., with all
 */
public record Randomisation(List<Double> similarities) {
  /** The number of networks. */
  private static final int STEPS = 6;

  /** The mean similarity up to which a method depends on what the network has learnt. */
  public static final double ALIKE = 0.5;

  public Randomisation {
    similarities = List.copyOf(similarities);
  }

  public static Randomisation of(Method method, Explainer network, Tensor input, Answer answer, long seed) {
    double[] own = sizes(method.explain(network, input, answer), input);
    List<List<Parameters.Entry>> layers = layers(network.model().parameters());
    List<Double> similarities = new ArrayList<>();
    for (int step = 1; step <= STEPS; step++) {
      // the last layer, and then about as many more in each step
      int shuffled = step == 1 ? 1 : Math.max(1, layers.size() * step / STEPS);
      Explainer other = network.with(shuffled(network.model(), layers.subList(layers.size() - shuffled, layers.size()), seed));
      Answer same = other.answer(input, new Target.Index(answer.index()));
      double similarity = RankCorrelation.of(own, sizes(method.explain(other, input, same), input));
      similarities.add(Double.isNaN(similarity) ? 0 : similarity); // a map of zeros is like no other
    }
    return new Randomisation(similarities);
  }

  /** The sizes of a map's numbers at the input's size. */
  private static double[] sizes(Attribution attribution, Tensor input) {
    double[] values = Heatmap.of(attribution).at(input.shape().dim(3), input.shape().dim(2));
    return Arrays.stream(values).map(Math::abs).toArray();
  }

  /** The parameters layer by layer, in their order. */
  private static List<List<Parameters.Entry>> layers(Parameters parameters) {
    List<List<Parameters.Entry>> layers = new ArrayList<>();
    String last = "";
    for (Parameters.Entry entry : parameters.entries()) {
      String layer = entry.name().substring(0, Math.max(0, entry.name().lastIndexOf('.')));
      if (layers.isEmpty() || !layer.equals(last)) {
        layers.add(new ArrayList<>());
      }
      layers.getLast().add(entry);
      last = layer;
    }
    return layers;
  }

  private static Model shuffled(Model model, List<List<Parameters.Entry>> layers, long seed) {
    Parameters parameters = Parameters.initial(model.graph(), seed, model.parameters()); // a copy
    float[] from = model.parameters().values();
    float[] to = parameters.values();
    for (List<Parameters.Entry> layer : layers) {
      for (Parameters.Entry entry : layer) {
        int[] order = Rng.of(seed).at("randomisation").at(entry.name()).permutation(entry.shape().size());
        for (int i = 0; i < order.length; i++) {
          to[entry.offset() + i] = from[entry.offset() + order[i]];
        }
      }
    }
    parameters.changed();
    return new Model(model.graph(), parameters, model.card());
  }

  public double mean() {
    return similarities.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }
}

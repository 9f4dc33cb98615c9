package dev.fovea.explain.quality;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Method;
import dev.fovea.explain.Target;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Methods next to each other on the same images, and maps that ask nothing of the network beside them.
 *
 * @param names of the methods, those of the last two maps included
 * @param qualities for each image those of the methods
 * @param agreement for each pair of methods the mean rank correlation of their maps
 * @param randomisations for each method the mean similarity to the maps of randomised networks, over some images; NaN for the maps that
 *     ask nothing
 */
public record MethodComparison(List<String> names, List<List<Quality>> qualities, List<List<Double>> agreement,
    List<Double> randomisations) {
  /** Images on which networks are randomised, which takes longest. */
  private static final int RANDOMISED = 3;

  /** Adds images one by one. */
  public static final class Builder {
    private final List<Method> methods;
    private final Explainer network;
    private final List<List<Quality>> qualities = new ArrayList<>();
    private final List<List<Double>> similarities = new ArrayList<>();
    private final double[][] agreement;

    public Builder(Explainer network, List<Method> methods) {
      this.network = network;
      this.methods = Stream.concat(methods.stream(), Baseline.ALL.stream()).toList();
      this.agreement = new double[this.methods.size()][this.methods.size()];
    }

    /** Explains the answer with the highest score, which is returned, and measures. */
    public Answer add(Tensor input) {
      Answer answer = network.answer(input, Target.HIGHEST);
      List<Quality> of = methods.stream().map(method -> Quality.of(method, network, input, answer)).toList();
      List<double[]> maps = of.stream().map(quality -> quality.map().at(input.shape().dim(3), input.shape().dim(2))).toList();
      for (int i = 0; i < maps.size(); i++) {
        for (int j = 0; j < maps.size(); j++) {
          agreement[i][j] += i == j ? 1 : RankCorrelation.of(maps.get(i), maps.get(j));
        }
      }
      qualities.add(of);
      if (qualities.size() <= RANDOMISED) {
        similarities.add(methods.stream()
            .map(method -> method instanceof Baseline ? Double.NaN : Randomisation.of(method, network, input, answer, 1).mean())
            .toList());
      }
      return answer;
    }

    public MethodComparison build() {
      int images = qualities.size();
      return new MethodComparison(methods.stream().map(Method::name).toList(), List.copyOf(qualities),
          Stream.of(agreement).map(row -> IntStream.range(0, row.length).mapToObj(j -> row[j] / images).toList()).toList(),
          IntStream.range(0, methods.size())
              .mapToObj(m -> similarities.stream().mapToDouble(of -> of.get(m)).average().orElse(Double.NaN)).toList());
    }
  }

  /** The mean over the images of a method's quality. */
  public double mean(int method, ToDoubleFunction<Quality> of) {
    return qualities.stream().mapToDouble(all -> of.applyAsDouble(all.get(method))).average().orElse(Double.NaN);
  }
}

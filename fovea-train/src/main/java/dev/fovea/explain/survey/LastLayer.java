package dev.fovea.explain.survey;

import dev.fovea.data.Dataset;
import dev.fovea.explain.ClassScores;
import dev.fovea.explain.Cosine;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.Pass;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import dev.fovea.tensor.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * How images lie for a classifier: what its last layer reads of each of them; of maps their means.
 *
 * @param features by image
 * @param predicted the class with the highest score, by image
 */
@SuppressWarnings("ArrayRecordComponent") // only read
public record LastLayer(float[][] features, int[] predicted) {
  private static final String FEATURES = "features";

  /** Reads all images once. */
  public static LastLayer of(Explainer network, Dataset data, IntConsumer progress) {
    float[][] features = new float[data.size()][];
    int[] predicted = new int[data.size()];
    new ImageBatches(network, data).forEach((first, inputs) -> {
      Map<String, Tensor> outputs = network.run("last layer", inputs,
          pass -> Map.of(FEATURES, read(pass), Model.OUTPUT, pass.output()));
      Tensor values = Objects.requireNonNull(outputs.get(FEATURES));
      int[] classes = ClassScores.classes(Objects.requireNonNull(outputs.get(Model.OUTPUT)));
      for (int n = 0; n < inputs.shape().dim(0); n++) {
        features[first + n] = Explainer.row(values, n).values();
        predicted[first + n] = classes[n];
      }
    }, progress);
    return new LastLayer(features, predicted);
  }

  /** Of maps their means. */
  private static Value read(Pass pass) {
    Graph graph = pass.network();
    Node classifier = graph.at(Layers.classifier(graph));
    Value read = classifier.inputs().getFirst();
    return Units.of(graph, classifier, read).means(pass.g(), read, graph.at(pass.input()).shape().dim(0));
  }

  /** The images nearest to one by the cosine of their features, the nearest first, without itself. */
  public int[] nearest(int image, int count) {
    double[] cosines = IntStream.range(0, features.length)
        .mapToDouble(i -> Cosine.of(features[image], 0, features[i], 0, features[i].length)).toArray();
    return IntStream.range(0, features.length).filter(i -> i != image).boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -cosines[i]).thenComparingInt(i -> i)).limit(count)
        .mapToInt(Integer::intValue).toArray();
  }

  /**
   * A map of the images: their first two principal components.
   *
   * @param places x and y of each
   * @param share of the variance that each of the two has
   */
  public record Plane(double[][] places, double[] share) {}

  /** Of these images. */
  public Plane plane() {
    List<float[]> rows = List.of(features);
    PrincipalComponents components = PrincipalComponents.of(rows);
    return new Plane(components.places(rows, 2),
        IntStream.range(0, Math.min(2, rows.size())).mapToDouble(components::share).toArray());
  }
}

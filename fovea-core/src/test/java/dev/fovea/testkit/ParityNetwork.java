package dev.fovea.testkit;

import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The results of another implementation for a whole network: the output of every layer, the loss, gradients, and the loss after
 * steps of SGD. Weights, input and labels are functions of their names.
 *
 * @param classes the number of classes; a parameter's name is that of PyTorch
 * @param buffers the running statistics of batch normalisations
 */
public record ParityNetwork(
    String name,
    Shape input,
    Shape labels,
    int classes,
    List<Weight> weights,
    List<Weight> buffers,
    Expected output,
    List<Layer> layers,
    Training training) {

  /** A parameter or a buffer, whose values are a function of its name and kind. */
  public record Weight(String name, Shape shape, String kind, double fanIn) {
    /** Whether steps of SGD do not change it. */
    boolean frozen() {
      return kind.equals("bilinear");
    }

    public double[] values() {
      return ParityRule.values(kind, name, shape, fanIn);
    }
  }

  /** The output of one layer: its mean, its std (divided by n) and samples. */
  public record Layer(String name, double mean, double std, Expected values) {}

  /** The gradient of one parameter, or a running statistic: its L2 norm, its sum and samples. */
  public record Numbers(String name, double norm, double sum, double[] samples, double err) {}

  /**
   * The loss in training, and after each step of SGD on the same batch.
   *
   * @param lossParts the loss of each head separately, the network's own first
   * @param gradientErr the worst {@code err / norm} of the gradients
   * @param running the running statistics after the batch
   */
  public record Training(
      double loss,
      double lossErr,
      double[] lossParts,
      double rate,
      double momentum,
      double weightDecay,
      double[] lossAfterSteps,
      double[] lossAfterStepsErr,
      double gradientErr,
      List<Numbers> gradients,
      List<Numbers> running) {}

  /** The file {@code networks/NAME.json} of the test resources. */
  public static ParityNetwork read(String name) {
    return of(ParityFiles.read("networks/" + name + ".json"));
  }

  public static ParityNetwork read(Path file) {
    return of(ParityFiles.read(file));
  }

  static ParityNetwork of(JsonNode json) {
    return new ParityNetwork(
        json.path("name").asString(),
        ParityFiles.shape(json.path("input").path("shape")),
        ParityFiles.shape(json.path("labels").path("shape")),
        json.path("classes").asInt(),
        weights(json.path("parameters")),
        weights(json.path("buffers")),
        Expected.of(json.path("eval").path("output")),
        layers(json.path("eval").path("layers")),
        training(json.path("train")));
  }

  /** The values of its parameters and buffers by name. */
  public Map<String, double[]> parameterValues() {
    Map<String, double[]> values = new LinkedHashMap<>();
    weights.forEach(w -> values.put(w.name(), w.values()));
    buffers.forEach(w -> values.put(w.name(), w.values()));
    return values;
  }

  /** The values of the inputs {@code input} and {@code label}. */
  public Map<String, double[]> inputValues() {
    return Map.of(
        "input", ParityRule.values("signed", "input", input), "label", ParityRule.values("labels " + classes, "label", labels));
  }

  private static List<Weight> weights(JsonNode array) {
    List<Weight> weights = new ArrayList<>();
    for (JsonNode w : array) {
      double fanIn = w.size() > 3 ? w.get(3).asDouble() : 1;
      weights.add(new Weight(w.get(0).asString(), ParityFiles.shape(w.get(1)), w.get(2).asString(), fanIn));
    }
    return List.copyOf(weights);
  }

  private static List<Layer> layers(JsonNode array) {
    List<Layer> layers = new ArrayList<>();
    for (JsonNode layer : array) {
      layers.add(
          new Layer(
              layer.path("name").asString(), layer.path("mean").asDouble(), layer.path("std").asDouble(), Expected.of(layer)));
    }
    return List.copyOf(layers);
  }

  private static Training training(JsonNode json) {
    JsonNode sgd = json.path("sgd");
    return new Training(
        json.path("loss").asDouble(),
        json.path("lossErr").asDouble(),
        ParityFiles.doubles(json.path("lossParts")),
        sgd.path("lr").asDouble(),
        sgd.path("momentum").asDouble(),
        sgd.path("weightDecay").asDouble(),
        ParityFiles.doubles(json.path("lossAfterSteps")),
        ParityFiles.doubles(json.path("lossAfterStepsErr")),
        json.path("gradientErr").asDouble(),
        numbers(json.path("gradients")),
        numbers(json.path("running")));
  }

  private static List<Numbers> numbers(JsonNode array) {
    List<Numbers> numbers = new ArrayList<>();
    for (JsonNode n : array) {
      numbers.add(
          new Numbers(
              n.path("name").asString(),
              n.path("norm").asDouble(),
              n.path("sum").asDouble(),
              ParityFiles.doubles(n.path("samples")),
              n.path("err").asDouble()));
    }
    return List.copyOf(numbers);
  }
}

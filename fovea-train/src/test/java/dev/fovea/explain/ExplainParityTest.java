package dev.fovea.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.explain.input.SmoothGrad;
import dev.fovea.explain.mask.Rise;
import dev.fovea.explain.method.Methods;
import dev.fovea.explain.relevance.Lrp;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Precision;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import dev.fovea.testkit.ParityFiles;
import dev.fovea.testkit.ParityRule;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Explanations of whole networks against those of PyTorch in float64, which {@code explain.py} among the resources computes. */
class ExplainParityTest {
  /** Of the largest value of a map. A rectifier or a winner of a pool that rounding turns moves no map of a late layer by more. */
  private static final double MAP = 1e-4;

  /**
   * A mask is scaled to 1, so that one whose only active element is turned on by rounding hides nothing of the image at that place: a
   * few of a thousand weights, which are divided by their sum.
   */
  private static final double SCORE_CAM = 2e-2;

  /** Relative distance of maps at the input: a rectifier that rounding turns changes all that is below it. */
  private static final double INPUT = 2e-3;

  /** The factor for a mean of fifty gradients: near its baseline of zeros an input has many rectifiers close to their kink. */
  private static final double AVERAGED = 2;

  private static final List<String> SEEDED = List.of("smoothgrad", "rise");

  /** Of the maps of two random samples; and how far their means may be from each other, in root mean squares of the map. */
  private static final double CORRELATION = 0.98;

  private static final double SEEDED_MEAN = 0.02;

  /** Random methods of the others take a minute, and are compared with {@code -Pparity}. */
  private static final Set<String> FAST_WHEN_SEEDED = Set.of("lenet5", "resnet18", "squeezenet1_1");

  @BeforeEach
  void exactly() {
    System.setProperty(Precision.PROPERTY, Precision.EXACT.spelling());
  }

  @AfterEach
  void asBefore() {
    System.clearProperty(Precision.PROPERTY);
  }

  @ParameterizedTest
  @CsvSource({"lenet5,lenet5", "resnet18,resnet18", "vgg11,vgg11", "googlenet,googlenet-torchvision", "densenet121,densenet121",
      "mobilenet_v2,mobilenet-v2", "squeezenet1_1,squeezenet1.1"})
  @Tag("slow")
  void mapsArePyTorchs(String name, String inZoo) throws IOException {
    JsonNode expected = read(name);
    Shape shape = ParityFiles.shape(expected.get("input"));
    Explainer explainer = Explainer.of(model(inZoo, shape.withoutBatch())).threads(2);
    Tensor input = new Tensor(shape, floats(ParityRule.values("signed", "input", shape)));
    Answer answer = explainer.answer(input, Target.HIGHEST);
    assertThat(answer.index()).isEqualTo(expected.get("class").asInt());
    assertThat(answer.score()).isCloseTo(expected.get("score").asDouble(), Percentage.withPercentage(0.01));
    boolean seeded = FAST_WHEN_SEEDED.contains(name) || System.getProperty("parity") != null;
    for (Map.Entry<String, JsonNode> map : expected.get("maps").properties()) {
      if (SEEDED.contains(map.getKey()) && !seeded) {
        continue;
      }
      Attribution attribution = method(name, map.getKey()).explain(explainer, input, answer);
      check(name + ", " + map.getKey(), map.getValue(), attribution);
    }
  }

  /** Random methods have many samples here, and differ little from what they estimate. */
  private static Method method(String network, String key) {
    if (key.equals("smoothgrad")) {
      return new SmoothGrad(400, 0.15, 1);
    }
    if (key.equals("rise") && network.equals("googlenet")) {
      return new Rise(8000, 7, 1); // masks change its score less than others'
    }
    return key.startsWith("lrp ") ? new Lrp(Lrp.Rule.valueOf(key.substring(4).toUpperCase(Locale.ROOT)))
        : Methods.STANDARD.named(key);
  }

  private static void check(String what, JsonNode expected, Attribution attribution) {
    assertThat(attribution.map().shape()).as(what).isEqualTo(ParityFiles.shape(expected.get("shape")));
    float[] map = attribution.map().values();
    double[] values = ParityFiles.doubles(expected.get("values"));
    double[] got = values.length == map.length ? IntStream.range(0, map.length).mapToDouble(i -> map[i]).toArray()
        : IntStream.range(0, values.length).mapToDouble(k -> map[ParityRule.samplePosition(k, map.length)]).toArray();
    if (SEEDED.contains(attribution.method())) {
      alike(what, got, values);
      return;
    }
    double[] distance = IntStream.range(0, got.length).mapToDouble(i -> got[i] - values[i]).toArray();
    if (attribution.layer().isPresent()) {
      double limit = attribution.method().equals("score-cam") ? SCORE_CAM : MAP;
      assertThat(largest(distance) / expected.get("largest").asDouble()).as(what).isLessThan(limit);
    } else {
      double limit = attribution.method().equals("integrated-gradients") ? AVERAGED * INPUT : INPUT;
      assertThat(norm(distance) / norm(values)).as(what).isLessThan(limit);
      double norm = norm(IntStream.range(0, map.length).mapToDouble(i -> map[i]).toArray());
      assertThat(norm / expected.get("norm").asDouble()).as(what).isBetween(1 - INPUT, 1 + INPUT);
    }
  }

  /** Other random numbers were drawn: the means and the correlation of the maps are compared. */
  private static void alike(String what, double[] got, double[] expected) {
    double meanGot = Arrays.stream(got).average().orElseThrow();
    double mean = Arrays.stream(expected).average().orElseThrow();
    double[] a = Arrays.stream(got).map(value -> value - meanGot).toArray();
    double[] b = Arrays.stream(expected).map(value -> value - mean).toArray();
    double product = IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    assertThat(product / (norm(a) * norm(b))).as(what).isGreaterThan(CORRELATION);
    double size = norm(expected) / Math.sqrt(expected.length);
    assertThat(Math.abs(meanGot - mean) / size).as(what).isLessThan(SEEDED_MEAN);
  }

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(value -> value * value).sum());
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  /** With the weights of the rule. */
  private static Model model(String name, Shape input) {
    Network network = Zoo.find(name);
    List<String> classes = IntStream.range(0, input.dim(0) == 1 ? 10 : 1000).mapToObj(String::valueOf).toList();
    Card card = new Card(name, classes, Preprocessing.of(input, Fit.STRETCH), Map.of());
    Model model =
        Model.create(network.layer(new Network.Settings(classes.size(), List.of(), Pooling.MAX, Activation.RELU)), card, 1);
    Parameters parameters = model.parameters();
    for (Parameters.Entry entry : parameters.entries()) {
      float[] values = floats(values(entry));
      System.arraycopy(values, 0, parameters.values(), entry.offset(), values.length);
    }
    parameters.changed();
    return model;
  }

  private static double[] values(Parameters.Entry entry) {
    String leaf = entry.name().substring(entry.name().lastIndexOf('.') + 1);
    Shape shape = entry.shape();
    String kind = leaf.equals("weight") ? shape.rank() == 1 ? "scale" : shape.rank() == 2 ? "linear" : "conv" : leaf;
    return ParityRule.values(kind, entry.name(), shape, shape.rank() > 1 ? shape.sizeFrom(1) : 1);
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static JsonNode read(String name) throws IOException {
    try (InputStream in = ExplainParityTest.class.getResourceAsStream("/explain/" + name + ".json")) {
      return JsonMapper.shared().readTree(in);
    }
  }
}

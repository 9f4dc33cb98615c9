package dev.fovea.testkit;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/** An engine against what PyTorch computes: single operators, and whole networks layer by layer. */
public final class ParitySuite {
  private ParitySuite() {}

  /** The cases of {@code ops.json}: value and gradients. */
  public static Stream<DynamicTest> operators(Engine engine, Tolerance tolerance) {
    return ParityOp.all().stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> operator(engine, tolerance, c)));
  }

  /** Whole networks: forward, gradients, and the loss after steps of SGD, which the test takes itself. */
  public static Stream<DynamicNode> networks(Engine engine, Tolerance tolerance) {
    return ParityNetworks.names().stream().map(name -> network(engine, tolerance, name));
  }

  private static void operator(Engine engine, Tolerance tolerance, ParityOp c) {
    Map<String, double[]> got = engine.run(ParityOps.graph(c), c.values());
    Map<String, Double> rounding = ParityOps.rounding(c);
    ParityOps.expected(c)
        .forEach(
            (output, expected) -> expected.check(
                c + ": " + output,
                Compare.output(got, output),
                tolerance.ofValue(expected.err(), expected.largest()) + rounding.getOrDefault(output, 0.0)));
  }

  /** One of the networks. */
  public static DynamicNode network(Engine engine, Tolerance tolerance, String name) {
    ParityNetwork network = ParityNetwork.read(name);
    Graph graph = ParityNetworks.graph(network);
    return DynamicContainer.dynamicContainer(
        name,
        Stream.of(
            DynamicTest.dynamicTest("layer by layer", () -> forward(engine, tolerance, network, graph)),
            DynamicTest.dynamicTest("loss and gradients", () -> gradients(engine, tolerance, network, graph)),
            DynamicTest.dynamicTest("loss after steps of SGD", () -> steps(engine, tolerance, network, graph))));
  }

  private static void forward(Engine engine, Tolerance tolerance, ParityNetwork network, Graph graph) {
    Map<String, double[]> got = engine.run(graph, bound(network, network.parameterValues()));
    for (ParityNetwork.Layer layer : network.layers()) {
      String what = network.name() + ", layer " + layer.name();
      double[] values = Compare.output(got, layer.name());
      double allowed = tolerance.ofLayer(layer.values().err(), Compare.largest(values));
      layer.values().check(what, values, allowed);
      double mean = Compare.sum(values) / values.length;
      double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
      Compare.value(what + ", mean", layer.mean(), mean, allowed);
      Compare.value(what + ", deviation", layer.deviation(), Math.sqrt(squares / values.length), allowed);
    }
    String last = network.layers().getLast().name();
    Expected output = network.output();
    output.check(network.name() + ", output", Compare.output(got, last), tolerance.ofLayer(output.err(), output.largest()));
  }

  private static void gradients(Engine engine, Tolerance tolerance, ParityNetwork network, Graph graph) {
    ParityNetwork.Training training = network.training();
    Map<String, double[]> got =
        engine.run(Gradients.withGradients(graph, ParityNetworks.LOSS), bound(network, network.parameterValues()));
    double loss = Compare.output(got, ParityNetworks.LOSS)[0];
    Compare.value(network.name() + ", loss", training.loss(), loss, tolerance.ofLoss(training.lossErr(), training.loss()));
    double largestNorm = training.gradients().stream().mapToDouble(ParityNetwork.Gradient::norm).max().orElse(0);
    for (ParityNetwork.Gradient expected : training.gradients()) {
      String what = network.name() + ", gradient of " + expected.name();
      double[] values = Compare.output(got, Gradients.outputOf(expected.name()));
      double allowed = tolerance.ofGradient(expected.err(), training.gradientErr(), expected.norm(), largestNorm);
      Compare.value(what + ", norm", expected.norm(), Compare.norm(values), allowed);
      double[] samples = Expected.samplesOf(values, expected.samples().length);
      Compare.values(what + ", samples", expected.samples(), samples, allowed);
      Compare.value(what + ", sum", expected.sum(), Compare.sum(values), allowed * Math.sqrt(values.length));
    }
  }

  private static void steps(Engine engine, Tolerance tolerance, ParityNetwork network, Graph graph) {
    ParityNetwork.Training training = network.training();
    Graph step = Gradients.withGradients(graph, ParityNetworks.LOSS);
    Map<String, double[]> weights = network.parameterValues();
    Map<String, double[]> velocities = new LinkedHashMap<>();
    for (int i = 0; i < training.lossAfterSteps().length; i++) {
      Map<String, double[]> got = engine.run(step, bound(network, weights));
      weights.forEach(
          (name, w) -> sgd(training, w, velocities.computeIfAbsent(name, _ -> new double[w.length]),
              Compare.output(got, Gradients.outputOf(name))));
      double loss = Compare.output(engine.run(graph, bound(network, weights)), ParityNetworks.LOSS)[0];
      double expected = training.lossAfterSteps()[i];
      double allowed = tolerance.ofLossAfterSteps(training.lossAfterStepsErr()[i], expected);
      Compare.value(network.name() + ", loss after step " + (i + 1), expected, loss, allowed);
    }
  }

  /** PyTorch's step: the velocity begins as the gradient, which a velocity of 0 gives as well. */
  private static void sgd(ParityNetwork.Training training, double[] weights, double[] velocity, double[] gradient) {
    for (int i = 0; i < weights.length; i++) {
      velocity[i] = training.momentum() * velocity[i] + gradient[i] + training.weightDecay() * weights[i];
      weights[i] -= training.rate() * velocity[i];
    }
  }

  private static Map<String, double[]> bound(ParityNetwork network, Map<String, double[]> weights) {
    Map<String, double[]> bound = new LinkedHashMap<>(weights);
    bound.putAll(network.inputValues());
    return bound;
  }
}

package dev.fovea.testkit;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/** Compares an engine with PyTorch: single operators, and whole networks layer by layer. */
public final class ParitySuite {
  private ParitySuite() {}

  /** The cases of {@code ops.json}: value and gradients. */
  public static Stream<DynamicTest> operators(Engine engine, Tolerance tolerance) {
    return ParityOp.all().stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> operator(engine, tolerance, c)));
  }

  /** Whole networks: forward, gradients, and the loss after steps of SGD, which the test performs itself. */
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

  /** One of the networks, built from plain operators. */
  public static DynamicNode network(Engine engine, Tolerance tolerance, String name) {
    ParityNetwork network = ParityNetwork.read(name);
    return network(engine, tolerance, network, () -> ParityNetworks.graph(network));
  }

  /**
   * A network, built in any manner.
   *
   * @param model its forward graph as {@link Model#graphOf} builds it, with any batch size; layers and parameters are named as
   *     in the file, heads are in its order
   */
  public static DynamicNode network(Engine engine, Tolerance tolerance, ParityNetwork network, Supplier<Graph> model) {
    return DynamicContainer.dynamicContainer(
        network.name(),
        Stream.of(
            DynamicTest.dynamicTest("layer by layer", () -> forward(engine, tolerance, network, model.get())),
            DynamicTest.dynamicTest("training", () -> training(engine, tolerance, network, model.get()))));
  }

  private static void forward(Engine engine, Tolerance tolerance, ParityNetwork network, Graph model) {
    ParityGraphs graphs = new ParityGraphs(network, model);
    Map<String, double[]> got = engine.run(graphs.evaluation(), graphs.values());
    for (ParityNetwork.Layer layer : network.layers()) {
      String what = network.name() + ", layer " + layer.name();
      double[] values = Compare.output(got, ParityGraphs.outputOf(layer));
      double allowed = tolerance.ofLayer(layer.values().err(), Compare.largest(values));
      layer.values().check(what, values, allowed);
      double mean = Compare.sum(values) / values.length;
      double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
      Compare.value(what + ", mean", layer.mean(), mean, allowed);
      Compare.value(what + ", std", layer.std(), Math.sqrt(squares / values.length), allowed);
    }
    Expected output = network.output();
    double allowed = tolerance.ofLayer(output.err(), output.largest());
    output.checkMean(network.name() + ", output", Compare.output(got, Model.OUTPUT), allowed);
    // and without the layers between as outputs, so that an engine may fuse them
    Map<String, double[]> alone = engine.run(alone(graphs.evaluation(), Model.OUTPUT), graphs.values());
    output.checkMean(network.name() + ", output alone", Compare.output(alone, Model.OUTPUT), allowed);
  }

  private static Graph alone(Graph graph, String output) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
    g.output(output, values.get(graph.output(output).id()));
    return Rewrite.prune(g.build());
  }

  /** Loss, gradients and running statistics, and the loss after steps of SGD, which the test performs itself. */
  private static void training(Engine engine, Tolerance tolerance, ParityNetwork network, Graph model) {
    ParityGraphs graphs = new ParityGraphs(network, model);
    ParityNetwork.Training training = network.training();
    Map<String, double[]> values = graphs.values();
    Map<String, double[]> velocities = new LinkedHashMap<>();
    int steps = training.lossAfterSteps().length;
    for (int i = 0; i <= steps; i++) {
      Map<String, double[]> got = engine.run(i < steps ? graphs.gradients() : graphs.training(), values);
      double loss = Compare.output(got, ParityGraphs.LOSS)[0];
      if (i == 0) {
        loss(tolerance, network, got, loss);
        gradients(tolerance, network, got);
        running(tolerance, network, got);
      } else {
        double expected = training.lossAfterSteps()[i - 1];
        double allowed = tolerance.ofLossAfterSteps(training.lossAfterStepsErr()[i - 1], expected);
        Compare.value(network.name() + ", loss after step " + i, expected, loss, allowed);
      }
      if (i < steps) {
        step(network, values, velocities, got);
      }
    }
  }

  private static void loss(Tolerance tolerance, ParityNetwork network, Map<String, double[]> got, double loss) {
    ParityNetwork.Training training = network.training();
    Compare.value(network.name() + ", loss", training.loss(), loss, tolerance.ofLoss(training.lossErr(), training.loss()));
    for (int i = 0; i < training.lossParts().length; i++) {
      double part = training.lossParts()[i];
      Compare.value(
          network.name() + ", loss of head " + i, part, Compare.output(got, ParityGraphs.partOf(i))[0],
          tolerance.ofLoss(training.lossErr(), part));
    }
  }

  private static void gradients(Tolerance tolerance, ParityNetwork network, Map<String, double[]> got) {
    ParityNetwork.Training training = network.training();
    double largestNorm = training.gradients().stream().mapToDouble(ParityNetwork.Numbers::norm).max().orElse(0);
    for (ParityNetwork.Numbers expected : training.gradients()) {
      double allowed = tolerance.ofGradient(expected.err(), training.gradientErr(), expected.norm(), largestNorm);
      double[] values = Compare.output(got, Gradients.outputOf(expected.name()));
      numbers(network.name() + ", gradient of " + expected.name(), expected, values, allowed);
    }
  }

  private static void running(Tolerance tolerance, ParityNetwork network, Map<String, double[]> got) {
    for (ParityNetwork.Numbers expected : network.training().running()) {
      double[] values = Compare.output(got, Rewrite.updatedOutputOf(expected.name()));
      double allowed = tolerance.ofLayer(expected.err(), expected.norm());
      numbers(network.name() + ", moved " + expected.name(), expected, values, allowed);
    }
  }

  private static void numbers(String what, ParityNetwork.Numbers expected, double[] values, double allowed) {
    Compare.value(what + ", norm", expected.norm(), Compare.norm(values), allowed);
    double[] samples = Expected.samplesOf(values, expected.samples().length);
    Compare.values(what + ", samples", expected.samples(), samples, allowed);
    Compare.value(what + ", sum", expected.sum(), Compare.sum(values), allowed * Math.sqrt(values.length));
  }

  /** PyTorch's step: the velocity starts as the gradient. The gradients are overwritten by the velocities, to save a copy. */
  private static void step(
      ParityNetwork network, Map<String, double[]> values, Map<String, double[]> velocities, Map<String, double[]> got) {
    ParityNetwork.Training training = network.training();
    for (ParityNetwork.Weight weight : network.weights()) {
      if (weight.frozen()) {
        continue;
      }
      double[] weights = Compare.output(values, weight.name());
      double[] before = velocities.getOrDefault(weight.name(), new double[0]);
      double[] velocity = Compare.output(got, Gradients.outputOf(weight.name()));
      for (int i = 0; i < weights.length; i++) {
        velocity[i] += training.weightDecay() * weights[i] + (before.length == 0 ? 0 : training.momentum() * before[i]);
        weights[i] -= training.rate() * velocity[i];
      }
      velocities.put(weight.name(), velocity);
    }
  }
}

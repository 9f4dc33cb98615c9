package dev.fovea.testkit;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Reference;
import dev.fovea.tensor.Rng;
import java.util.LinkedHashMap;
import java.util.Map;

/** Anything that computes a graph, for the suites. */
@FunctionalInterface
public interface Engine {
  /** The key of the random numbers of every run, so that dropout can be compared element by element. */
  Rng RANDOM = Rng.of(2012);

  /** The definition of the operators, in double. */
  Engine REFERENCE = Engine::reference;

  /** Every output of the graph by its name. {@code bound} holds the values of its inputs and parameters by name, row-major. */
  Map<String, double[]> run(Graph graph, Map<String, double[]> bound);

  private static Map<String, double[]> reference(Graph graph, Map<String, double[]> bound) {
    double[][] values = Reference.run(graph, name -> bound(bound, name), RANDOM);
    Map<String, double[]> outputs = new LinkedHashMap<>();
    graph.outputs().forEach((name, value) -> outputs.put(name, values[value.id()]));
    return outputs;
  }

  private static double[] bound(Map<String, double[]> bound, String name) {
    double[] values = bound.get(name);
    if (values == null) {
      throw new IllegalArgumentException("nothing is bound to " + name + ", only to " + bound.keySet());
    }
    return values;
  }
}

package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Reference;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Engine;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A single layer: its graph with input {@code x} and output {@code y}, its results, and its error messages. */
final class LayerRuns {
  private LayerRuns() {}

  static Graph graph(Layer layer, Shape input) {
    GraphBuilder g = new GraphBuilder();
    g.output("y", layer.apply(g, g.input("x", input)));
    return g.build();
  }

  /** The results of the training graph with initial parameters. */
  static double[] run(Layer layer, Shape input, double[] x) {
    return run(graph(layer, input), x, Engine.RANDOM);
  }

  static double[] inference(Layer layer, Shape input, double[] x) {
    return run(Rewrite.inference(graph(layer, input)), x, Engine.RANDOM);
  }

  static double[] run(Graph graph, double[] x, Rng random) {
    Parameters parameters = Parameters.initial(graph, 1);
    Map<String, double[]> bound = new LinkedHashMap<>(Map.of("x", x));
    for (Parameters.Entry entry : parameters.entries()) {
      bound.put(entry.name(), values(parameters, entry.name()));
    }
    double[][] values = Reference.run(graph, name -> bound.getOrDefault(name, new double[0]), random);
    return values[graph.output("y").id()];
  }

  static double[] values(Parameters parameters, String name) {
    Parameters.Entry entry = parameters.entry(name);
    double[] values = new double[entry.shape().size()];
    Arrays.setAll(values, i -> parameters.values()[entry.offset() + i]);
    return values;
  }

  static void refused(Layer layer, Shape input, String message) {
    assertThatThrownBy(() -> graph(layer, input)).isInstanceOf(FoveaException.class).hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  /** 0, 1, 2, ... */
  static double[] ramp(int size) {
    double[] ramp = new double[size];
    Arrays.setAll(ramp, i -> i);
    return ramp;
  }
}

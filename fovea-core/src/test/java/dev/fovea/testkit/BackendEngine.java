package dev.fovea.testkit;

import dev.fovea.graph.Backend;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Workspace;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A backend as an engine for the suites. */
public record BackendEngine(Backend backend, int threads) implements Engine {

  @Override
  public Map<String, double[]> run(Graph graph, Map<String, double[]> bound) {
    Map<String, double[]> outputs = new LinkedHashMap<>();
    floats(graph, bound).forEach((name, values) -> outputs.put(name, doubles(values)));
    return outputs;
  }

  /** The outputs in float32 as the engine computed them, for bitwise comparison. */
  public Map<String, float[]> floats(Graph graph, Map<String, double[]> bound) {
    Parameters parameters = Parameters.zeros(graph);
    for (Parameters.Entry entry : parameters.entries()) {
      put(bound, entry.name(), parameters.values(), entry.offset(), entry.shape().size());
    }
    Program program = backend.compile(graph, parameters, threads);
    Workspace workspace = program.workspace();
    workspace.random(RANDOM);
    run(program, workspace, bound);
    if (threads > 1) {
      // A first run may use fewer threads; this one uses all, also for values that depend on parameters only.
      parameters.changed();
      run(program, workspace, bound);
    }
    Map<String, float[]> outputs = new LinkedHashMap<>();
    for (String name : graph.outputs().keySet()) {
      outputs.put(name, output(workspace, parameters, name));
    }
    return outputs;
  }

  private static void run(Program program, Workspace workspace, Map<String, double[]> bound) {
    program.graph().inputs().forEach(input -> {
      Workspace.Slot slot = workspace.input(input.name());
      put(bound, input.name(), slot.array(), slot.offset(), slot.shape().size());
    });
    program.run(workspace);
  }

  private static float[] output(Workspace workspace, Parameters parameters, String name) {
    Optional<String> parameter = Gradients.parameterOf(name);
    if (parameter.isPresent()) {
      Parameters.Entry entry = parameters.entry(parameter.get());
      return Arrays.copyOfRange(workspace.gradients(), entry.offset(), entry.offset() + entry.shape().size());
    }
    Workspace.Slot slot = workspace.output(name);
    return Arrays.copyOfRange(slot.array(), slot.offset(), slot.offset() + slot.shape().size());
  }

  private static void put(Map<String, double[]> bound, String name, float[] to, int offset, int size) {
    double[] values = bound.get(name);
    if (values == null || values.length != size) {
      throw new IllegalArgumentException("expected " + size + " numbers for " + name);
    }
    for (int i = 0; i < size; i++) {
      to[offset + i] = (float) values[i];
    }
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}

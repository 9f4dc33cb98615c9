package dev.fovea.model;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Workspace;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Runs a graph from any number of threads: a program is planned for each set of input shapes and kept, and each run borrows a
 * workspace. Up to one idle workspace per processor is kept, the others are dropped. A run uses the caller's thread and up to the
 * given number of the engine's threads.
 */
final class Runner {
  /** The number of programs that are kept; the one that was used least recently is dropped. */
  private static final int MAX_PLANS = 4;

  private final Graph graph;
  private final Parameters parameters;
  private final int threads;
  private final Map<Map<String, Shape>, Plan> plans = new LinkedHashMap<>(MAX_PLANS, 0.75f, true);

  /** A program and its idle workspaces. */
  private record Plan(Program program, Queue<Workspace> idle) {
    Plan(Program program) {
      this(program, new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors()));
    }

    /** An idle one, or a new one. */
    Workspace workspace() {
      Workspace workspace = idle.poll();
      if (workspace == null) {
        ProcessMemory.largest(1, _ -> program.workspaceBytes());
        workspace = program.workspace();
      }
      return workspace;
    }
  }

  Runner(Graph graph, Parameters parameters, int threads) {
    this.graph = graph;
    this.parameters = parameters;
    this.threads = threads;
  }

  /** The outputs for these inputs, by name. */
  Map<String, Tensor> run(Map<String, Tensor> inputs) {
    for (Op.Input input : graph.inputs()) {
      if (!inputs.containsKey(input.name())) {
        throw new FoveaException("the input '" + input.name() + "' of " + input.shape() + " is missing, got " + inputs.keySet());
      }
    }
    Map<String, Shape> shapes = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> shapes.put(name, checked(name, tensor.shape())));
    return run(
        shapes,
        workspace -> inputs.forEach((name, tensor) -> {
          Workspace.Slot slot = workspace.input(name);
          System.arraycopy(tensor.values(), 0, slot.array(), slot.offset(), tensor.values().length);
        }),
        workspace -> {
          Map<String, Tensor> outputs = new LinkedHashMap<>();
          graph.outputs().keySet().stream().filter(name -> !graph.heads().containsKey(name))
              .forEach(name -> outputs.put(name, copy(workspace.output(name))));
          return outputs;
        });
  }

  private Shape checked(String name, Shape given) {
    Shape own = graph.inputs().stream().filter(input -> input.name().equals(name)).findFirst()
        .orElseThrow(() -> new FoveaException("there is no input '" + name + "'; the inputs are "
            + graph.inputs().stream().map(Op.Input::name).toList()))
        .shape();
    if (given.rank() != own.rank()) {
      throw new FoveaException("input '" + name + "': expected " + own.rank() + " axes, as " + own + " has, got " + given);
    }
    return given;
  }

  private static Tensor copy(Workspace.Slot slot) {
    float[] values = new float[slot.shape().size()];
    System.arraycopy(slot.array(), slot.offset(), values, 0, values.length);
    return new Tensor(slot.shape(), values);
  }

  /** Runs the graph as it is: with the inputs that {@code fill} writes, and the result of {@code read}. */
  <T> T run(Consumer<Workspace> fill, Function<Workspace, T> read) {
    return run(shapes(), fill, read);
  }

  /**
   * Takes the memory of such a run, before the caller makes an image for it that may be as large.
   *
   * @throws FoveaException if it is not there
   */
  void prepare() {
    Plan plan = plan(shapes());
    plan.idle.offer(plan.workspace());
  }

  private Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    graph.inputs().forEach(input -> shapes.put(input.name(), input.shape()));
    return shapes;
  }

  private <T> T run(Map<String, Shape> shapes, Consumer<Workspace> fill, Function<Workspace, T> read) {
    Plan plan = plan(shapes);
    Workspace workspace = plan.workspace();
    try {
      fill.accept(workspace);
      plan.program.run(workspace);
      return read.apply(workspace);
    } finally {
      plan.idle.offer(workspace);
    }
  }

  private Plan plan(Map<String, Shape> shapes) {
    synchronized (plans) {
      Plan known = plans.get(shapes);
      if (known == null) {
        known = new Plan(compile(Rewrite.withInputs(graph, shapes), parameters, threads));
        if (plans.size() == MAX_PLANS) {
          plans.remove(plans.keySet().iterator().next());
        }
        plans.put(Map.copyOf(shapes), known);
      }
      return known;
    }
  }

  /**
   * Plans inference for the graph's shapes.
   *
   * @throws FoveaException if not even the plan fits into memory, or the engine refuses it
   */
  static Program compile(Graph graph, Parameters parameters, int threads) {
    try {
      return Backends.find().compile(Rewrite.inference(graph), parameters, threads);
    } catch (OutOfMemoryError e) {
      throw new FoveaException("not even the plan of this network fits into the memory of "
          + (Runtime.getRuntime().maxMemory() >> 20) + " MiB: use smaller images, or give the JVM more memory, as in -Xmx8g", e);
    }
  }
}

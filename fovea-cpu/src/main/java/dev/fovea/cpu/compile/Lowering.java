package dev.fovea.cpu.compile;

import dev.fovea.cpu.compile.Buffer.Home;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Precision;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From nodes to steps: for each node the first set of {@link KernelSet} that knows it chooses a kernel and the layouts; where a value
 * is wanted in a layout it does not have, a reorder is put in, once.
 */
public final class Lowering {
  private final Graph graph;
  private final Parameters parameters;
  private final Precision precision;
  private final List<KernelSet> kernels;
  private final List<Buffer> buffers = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Map<Layout, Buffer>> values = new ArrayList<>();
  private final Map<String, Buffer> inputs = new LinkedHashMap<>();
  private final Map<String, Buffer> outputs = new LinkedHashMap<>();

  /** What steps write. */
  private final Set<Buffer> made = new HashSet<>();

  /** The outputs' buffers so far. */
  private final Set<Buffer> leaving = new HashSet<>();

  /** Gradients that their steps write into the flat array, and where in it. */
  private final Map<Buffer, Buffer> redirected = new HashMap<>();

  /** What depends on parameters alone; nothing where a run changes those. */
  private final Set<Buffer> constants = new HashSet<>();

  private final boolean trains;

  private Lowering(Graph graph, Parameters parameters, Precision precision, List<KernelSet> kernels) {
    this.graph = graph;
    this.parameters = parameters;
    this.precision = precision;
    this.kernels = kernels;
    this.trains = trains(graph);
  }

  /** The steps of a graph, its buffers, and those where inputs enter and outputs leave. */
  public record Lowered(List<Step> steps, List<Buffer> buffers, Map<String, Buffer> inputs, Map<String, Buffer> outputs) {
    Lowered with(List<Step> others) {
      return new Lowered(others, buffers, inputs, outputs);
    }

    /** The same with other buffers in the place of some. */
    Lowered moved(Map<Buffer, Buffer> to) {
      Map<String, Buffer> out = new LinkedHashMap<>(outputs);
      out.replaceAll((_, b) -> to.getOrDefault(b, b));
      return new Lowered(
          steps.stream().map(step -> step.moved(to)).toList(),
          buffers.stream().map(b -> to.getOrDefault(b, b)).toList(),
          inputs,
          out);
    }
  }

  /** Whether a graph has gradients of parameters, which then change at each run. */
  static boolean trains(Graph graph) {
    return graph.outputs().keySet().stream().anyMatch(name -> Gradients.parameterOf(name).isPresent());
  }

  public static Lowered lower(Graph graph, Parameters parameters, Precision precision, List<KernelSet> kernels) {
    Lowering lowering = new Lowering(graph, parameters, precision, kernels);
    for (int i = 0; i < graph.nodes().size(); i++) {
      lowering.values.add(new EnumMap<>(Layout.class));
      lowering.node(new Value(i), graph.nodes().get(i));
    }
    graph.outputs().forEach(lowering::output);
    lowering.redirect();
    return new Lowered(lowering.steps, lowering.buffers, lowering.inputs, lowering.outputs);
  }

  private void node(Value value, Node node) {
    switch (node.op()) {
      case Op.Input(String name, Shape shape) -> {
        Buffer buffer = buffer(shape.size(), Layout.NCHW, Home.ARENA, 0);
        values.get(value.id()).put(Layout.NCHW, buffer);
        inputs.put(name, buffer);
      }
      case Op.Param(String name, Shape shape, _, _) -> {
        Buffer buffer = buffer(shape.size(), Layout.NCHW, Home.PARAMETERS, parameters.entry(name).offset());
        values.get(value.id()).put(Layout.NCHW, buffer);
        if (!trains) {
          constants.add(buffer);
        }
      }
      case Op.Flatten _, Op.Reshape _ -> reshape(value, node);
      case Op.Fill _ -> {
        // written where somebody reads it: most kernels know their numbers
      }
      default -> kernel(value, node);
    }
  }

  private void kernel(Value value, Node node) {
    for (KernelSet set : kernels) {
      if (set.lower(this, value, node)) {
        return;
      }
    }
    throw new IllegalStateException("no kernel for " + node.op());
  }

  /** The same memory under another shape, in every layout that does not depend on it. */
  private void reshape(Value value, Node node) {
    Value source = node.inputs().getFirst();
    values.get(source.id()).forEach((layout, buffer) -> {
      if (layout.survives(shape(source), node.shape())) {
        values.get(value.id()).put(layout, buffer);
      }
    });
    if (values.get(value.id()).isEmpty()) {
      values.get(value.id()).put(Layout.NCHW, operand(source, Layout.NCHW));
    }
  }

  private void output(String name, Value value) {
    Buffer there = operand(value, Layout.NCHW);
    Buffer buffer = redirected.getOrDefault(there, there);
    Optional<String> parameter = Gradients.parameterOf(name);
    if (parameter.isPresent()) {
      buffer = gradient(buffer, parameters.entry(parameter.get()));
    } else if (buffer.home() != Home.ARENA) {
      buffer = copied(buffer, buffer(buffer.size(), Layout.NCHW, Home.ARENA, 0));
    }
    outputs.put(name, buffer);
    leaving.add(buffer);
  }

  /** The gradient must lie in the flat array: where its step can write it there it does, else it is copied. */
  private Buffer gradient(Buffer buffer, Parameters.Entry entry) {
    Buffer target = buffer(buffer.size(), Layout.NCHW, Home.GRADIENTS, entry.offset());
    if (buffer.home() == Home.ARENA && made.contains(buffer) && !leaving.contains(buffer)) {
      redirected.put(buffer, target);
      return target;
    }
    return copied(buffer, target);
  }

  /** Has steps write and read what is redirected where it lies now; what is written elsewhere takes over no input's memory. */
  private void redirect() {
    steps.replaceAll(step -> {
      Step moved = step.moved(redirected);
      return redirected.containsKey(step.output()) ? moved.notInPlace() : moved;
    });
  }

  private Buffer copied(Buffer from, Buffer to) {
    int size = Math.toIntExact(from.size());
    step(
        "copy",
        "",
        List.of(from),
        to,
        size,
        (in, out) -> Task.of(
            1,
            (m, _, _) -> System.arraycopy(
                m.array(in.getFirst().array()), in.getFirst().offset(), m.array(out.array()), out.offset(), size)));
    return to;
  }

  private Buffer buffer(long size, Layout layout, Home home, int offset) {
    Buffer buffer = new Buffer(buffers.size(), size, layout, home, offset);
    buffers.add(buffer);
    return buffer;
  }

  private void step(String name, String path, List<Buffer> in, Buffer out, long work, Kernel kernel) {
    add(new Step(name, path, in, out, work, Step.NOT_IN_PLACE, isConstant(in), kernel));
  }

  private boolean isConstant(List<Buffer> in) {
    return !in.isEmpty() && constants.containsAll(in);
  }

  private void add(Step step) {
    steps.add(step);
    made.add(step.output());
    if (step.onChange()) {
      constants.add(step.output());
    }
  }

  // What follows is for the sets of kernels.

  /** Whether kernels may sum otherwise than the definition. */
  public Precision precision() {
    return precision;
  }

  public Shape shape(Value value) {
    return graph.at(value).shape();
  }

  /** Whether the value already lies in that layout. */
  public boolean has(Value value, Layout layout) {
    return values.get(value.id()).containsKey(layout);
  }

  /** Whether the value depends on parameters alone, and those do not change from run to run. */
  public boolean isConstant(Value value) {
    return constants.containsAll(values.get(value.id()).values());
  }

  /** Whether the value is one of the graph's inputs. */
  public boolean entersAt(Value value) {
    return graph.at(value).op() instanceof Op.Input;
  }

  /** The number that a value is, where the graph itself gives one. */
  public Optional<Float> number(Value value) {
    return graph.at(value).op() instanceof Op.Fill(Shape shape, float number) && shape.size() == 1
        ? Optional.of(number)
        : Optional.empty();
  }

  /** The value's memory in that layout, reordered if need be. */
  public Buffer operand(Value value, Layout layout) {
    Map<Layout, Buffer> has = values.get(value.id());
    if (has.isEmpty()) {
      kernel(value, graph.at(value));
    }
    @Nullable Buffer there = has.get(layout);
    if (there != null) {
      return there;
    }
    Layout from = has.keySet().iterator().next();
    Buffer source = has.get(from);
    Buffer target = buffer(layout.size(shape(value)), layout, Home.ARENA, 0);
    step(
        "reorder." + from.name().toLowerCase(Locale.ROOT) + "." + layout.name().toLowerCase(Locale.ROOT),
        graph.at(value).path(),
        List.of(source),
        target,
        target.size(),
        Reorder.between(from, layout, shape(value)));
    has.put(layout, target);
    return target;
  }

  /**
   * Writes the step that computes a value.
   *
   * @param work multiply-adds, or elements where there are none
   * @param inPlace the input whose memory the result may take over, if nobody needs it later, or {@link NodeContext#NOT_IN_PLACE}
   */
  public void step(Value value, String name, List<Buffer> in, Layout layout, long work, int inPlace, Kernel kernel) {
    Buffer out = buffer(layout.size(shape(value)), layout, Home.ARENA, 0);
    values.get(value.id()).put(layout, out);
    boolean constant = switch (graph.at(value).op()) {
      case Op.Fill _ -> !trains;
      case Op.Dropout _, Op.Race _ -> false;
      default -> isConstant(in);
    };
    add(new Step(name, graph.at(value).path(), in, out, work, inPlace, constant, kernel));
  }

  /** Writes a step that brings weights into another form; prediction runs it once, training with each step. */
  public Buffer packed(Value value, Buffer in, long size, Kernel kernel) {
    return between(value, "pack", List.of(in), size, size, kernel);
  }

  /** Writes a step on the way to a value, of which nobody else knows. */
  public Buffer between(Value value, String name, List<Buffer> in, long size, long work, Kernel kernel) {
    Buffer out = buffer(size, Layout.NCHW, Home.ARENA, 0);
    step(name, graph.at(value).path(), in, out, work, kernel);
    return out;
  }
}

package dev.fovea.cpu.compile;

import dev.fovea.cpu.compile.Buffer.Storage;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lowers nodes to steps: for each node the first {@link KernelSet} that supports it chooses a kernel and the layouts. If a value is
 * needed in a layout that it does not have, one reorder is inserted for all its readers.
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

  /** The buffers that steps write. */
  private final Set<Buffer> written = new HashSet<>();

  /** The outputs' buffers so far. */
  private final Set<Buffer> outputBuffers = new HashSet<>();

  /** Gradients that their steps write directly into the flat array, and their buffers in it. */
  private final Map<Buffer, Buffer> redirected = new HashMap<>();

  /** Buffers that depend on parameters alone; empty for a training graph, where a run changes those. */
  private final Set<Buffer> constants = new HashSet<>();

  private final boolean training;

  private Lowering(Graph graph, Parameters parameters, Precision precision, List<KernelSet> kernels) {
    this.graph = graph;
    this.parameters = parameters;
    this.precision = precision;
    this.kernels = kernels;
    this.training = Gradients.areIn(graph);
  }

  /** The steps of a graph, its buffers, and the buffers of its inputs and outputs. */
  public record Lowered(List<Step> steps, List<Buffer> buffers, Map<String, Buffer> inputs, Map<String, Buffer> outputs) {
    Lowered withSteps(List<Step> others) {
      return new Lowered(others, buffers, inputs, outputs);
    }

    /** The same with some buffers replaced. */
    Lowered withBuffers(Map<Buffer, Buffer> replacements) {
      Map<String, Buffer> out = new LinkedHashMap<>(outputs);
      out.replaceAll((_, b) -> replacements.getOrDefault(b, b));
      return new Lowered(
          steps.stream().map(step -> step.withBuffers(replacements)).toList(),
          buffers.stream().map(b -> replacements.getOrDefault(b, b)).toList(),
          inputs,
          out);
    }
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
      case Op.Input(String name, Shape shape, _) -> {
        Buffer buffer = buffer(shape.size(), Layout.NCHW, Storage.ARENA, 0);
        values.get(value.id()).put(Layout.NCHW, buffer);
        inputs.put(name, buffer);
      }
      case Op.Param(String name, Shape shape, _, _) -> {
        Buffer buffer = buffer(shape.size(), Layout.NCHW, Storage.PARAMETERS, parameters.entry(name).offset());
        values.get(value.id()).put(Layout.NCHW, buffer);
        if (!training) {
          constants.add(buffer);
        }
      }
      case Op.Flatten _, Op.Reshape _ -> reshape(value, node);
      case Op.Fill _ -> {
        // lowered only when a step reads it: most kernels have the constant built in
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

  /** The same memory under another shape, in every layout that the reshape keeps. */
  private void reshape(Value value, Node node) {
    Value source = node.inputs().getFirst();
    values.get(source.id()).forEach((layout, buffer) -> {
      if (layout.allowsReshape(shape(source), node.shape())) {
        values.get(value.id()).put(layout, buffer);
      }
    });
    if (values.get(value.id()).isEmpty()) {
      values.get(value.id()).put(Layout.NCHW, operand(source, Layout.NCHW));
    }
  }

  private void output(String name, Value value) {
    Buffer computed = operand(value, Layout.NCHW);
    Buffer buffer = redirected.getOrDefault(computed, computed);
    Optional<String> parameter = Gradients.parameterOf(name);
    if (parameter.isPresent()) {
      buffer = gradient(buffer, parameters.entry(parameter.get()));
    } else if (buffer.storage() != Storage.ARENA) {
      buffer = copied(buffer, buffer(buffer.size(), Layout.NCHW, Storage.ARENA, 0));
    }
    outputs.put(name, buffer);
    outputBuffers.add(buffer);
  }

  /** A parameter's gradient must be in the flat array: its step writes it there if it can, otherwise it is copied. */
  private Buffer gradient(Buffer buffer, Parameters.Entry entry) {
    Buffer target = buffer(buffer.size(), Layout.NCHW, Storage.GRADIENTS, entry.offset());
    if (buffer.storage() == Storage.ARENA && written.contains(buffer) && !outputBuffers.contains(buffer)) {
      redirected.put(buffer, target);
      return target;
    }
    return copied(buffer, target);
  }

  /** Replaces redirected buffers in all steps; a step whose output is redirected cannot work in place. */
  private void redirect() {
    steps.replaceAll(step -> {
      Step replaced = step.withBuffers(redirected);
      return redirected.containsKey(step.output()) ? replaced.notInPlace() : replaced;
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

  private Buffer buffer(long size, Layout layout, Storage storage, int offset) {
    Buffer buffer = new Buffer(buffers.size(), size, layout, storage, offset);
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
    written.add(step.output());
    if (step.onParameterChange()) {
      constants.add(step.output());
    }
  }

  // The methods below are for the kernel sets.

  /** Whether kernels may use algorithms with other sums than the operator's definition, such as Winograd's. */
  public Precision precision() {
    return precision;
  }

  public Shape shape(Value value) {
    return graph.at(value).shape();
  }

  /** Whether the value is already available in that layout. */
  public boolean hasLayout(Value value, Layout layout) {
    return values.get(value.id()).containsKey(layout);
  }

  /** Whether the value depends on parameters alone, and those do not change from run to run. */
  public boolean isConstant(Value value) {
    return constants.containsAll(values.get(value.id()).values());
  }

  /** Whether the value's memory is among the network's parameters. */
  public boolean isParameter(Value value) {
    return values.get(value.id()).values().stream().anyMatch(buffer -> buffer.storage() == Storage.PARAMETERS);
  }

  /** Whether the value is one of the graph's inputs. */
  public boolean isInput(Value value) {
    return graph.at(value).op() instanceof Op.Input;
  }

  /** The value as a scalar, if it is a constant of the graph with one element. */
  public Optional<Float> scalar(Value value) {
    return graph.at(value).op() instanceof Op.Fill(Shape shape, float constant) && shape.size() == 1
        ? Optional.of(constant)
        : Optional.empty();
  }

  /** The value's memory in that layout, reordered if necessary. */
  public Buffer operand(Value value, Layout layout) {
    Map<Layout, Buffer> available = values.get(value.id());
    if (available.isEmpty()) {
      kernel(value, graph.at(value));
    }
    @Nullable Buffer existing = available.get(layout);
    if (existing != null) {
      return existing;
    }
    Layout from = available.keySet().iterator().next();
    Buffer source = Objects.requireNonNull(available.get(from));
    if (from.isSameMemory(layout, shape(value))) {
      available.put(layout, source);
      return source;
    }
    Buffer target = buffer(layout.size(shape(value)), layout, Storage.ARENA, 0);
    step(
        "reorder." + from.name().toLowerCase(Locale.ROOT) + "." + layout.name().toLowerCase(Locale.ROOT),
        graph.at(value).path(),
        List.of(source),
        target,
        target.size(),
        Reorder.between(from, layout, shape(value)));
    available.put(layout, target);
    return target;
  }

  /**
   * Adds the step that computes a value.
   *
   * @param work multiply-adds, or elements if there are none
   * @param inPlace the input that the result may overwrite if no later step reads it, or {@link NodeContext#NOT_IN_PLACE}
   */
  public void step(Value value, String name, List<Buffer> in, Layout layout, long work, int inPlace, Kernel kernel) {
    Buffer out = buffer(layout.size(shape(value)), layout, Storage.ARENA, 0);
    values.get(value.id()).put(layout, out);
    boolean constant = switch (graph.at(value).op()) {
      case Op.Fill _ -> !training;
      case Op.Dropout _, Op.ExponentialRace _ -> false;
      default -> isConstant(in);
    };
    add(new Step(name, graph.at(value).path(), in, out, work, inPlace, constant, kernel));
  }

  /** Adds a step that packs weights; in prediction it runs once, in training at each run. */
  public Buffer packed(Value value, Buffer in, long size, Kernel kernel) {
    return intermediate(value, "pack", List.of(in), size, size, kernel);
  }

  /** Adds a step that computes an intermediate result of a value, which only the value's own steps read. */
  public Buffer intermediate(Value value, String name, List<Buffer> in, long size, long work, Kernel kernel) {
    Buffer out = buffer(size, Layout.NCHW, Storage.ARENA, 0);
    step(name, graph.at(value).path(), in, out, work, kernel);
    return out;
  }
}

package dev.fovea.cpu;

import dev.fovea.cpu.compile.Buffer;
import dev.fovea.cpu.compile.ConstantHoisting;
import dev.fovea.cpu.compile.FastForms;
import dev.fovea.cpu.compile.Fusion;
import dev.fovea.cpu.compile.GraphLimits;
import dev.fovea.cpu.compile.KernelSet;
import dev.fovea.cpu.compile.Lowering;
import dev.fovea.cpu.compile.MemoryPlan;
import dev.fovea.cpu.compile.Step;
import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.graph.FoldNormalization;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Precision;
import dev.fovea.graph.Program;
import dev.fovea.graph.Workspace;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A compiled graph: steps bound to their addresses, ready to run. */
final class CpuProgram implements Program {
  private final Graph graph;
  private final Parameters parameters;
  private final int threads;
  private final List<KernelSet> kernels;
  private final Lowering.Lowered lowered;
  private final MemoryPlan plan;
  private final List<Task> tasks = new ArrayList<>();
  private volatile boolean ran;

  /**
   * Compiles a graph.
   *
   * @throws FoveaException if its tensors, or the plan itself, do not fit into memory
   */
  static Program of(Graph graph, Parameters parameters, int threads, Precision precision, List<KernelSet> kernels) {
    // a graph without parameter values is only planned, never run: it may be larger than this machine's memory
    GraphLimits.check(graph, parameters.values().length > 0 ? Runtime.getRuntime().maxMemory() : Long.MAX_VALUE);
    try {
      return new CpuProgram(graph, parameters, threads, precision, kernels);
    } catch (OutOfMemoryError e) {
      throw new FoveaException("not even the plan of this network fits into the memory of "
          + (Runtime.getRuntime().maxMemory() >> 20) + " MiB: use smaller images, or give the JVM more memory, as in -Xmx8g", e);
    }
  }

  private CpuProgram(Graph graph, Parameters parameters, int threads, Precision precision, List<KernelSet> kernels) {
    this.graph = graph;
    this.parameters = parameters;
    this.threads = threads;
    this.kernels = kernels;
    this.lowered =
        ConstantHoisting
            .apply(Fusion.apply(Lowering.lower(FoldNormalization.apply(FastForms.apply(graph)), parameters, precision, kernels)));
    this.plan = MemoryPlan.of(lowered);
    for (Step step : lowered.steps()) {
      tasks.add(step.kernel().bind(step.inputs().stream().map(plan::of).toList(), plan.of(step.output())));
    }
  }

  @Override
  public Graph graph() {
    return graph;
  }

  @Override
  public Workspace workspace() {
    return new CpuWorkspace(new Slabs(parameters));
  }

  @Override
  public Workspace workspace(Workspace other) {
    if (!(other instanceof CpuWorkspace shared) || shared.slabs.parameters() != parameters) {
      throw new IllegalArgumentException("this workspace belongs to other parameters");
    }
    return new CpuWorkspace(shared.slabs);
  }

  @Override
  public void run(Workspace workspace) {
    if (new KernelEvent().isEnabled()) {
      run(workspace, (i, task) -> KernelEvent.record(lowered.steps().get(i), task));
    } else {
      run(workspace, (_, task) -> task.run());
    }
  }

  /** Runs a step; the index is for measurements. */
  private interface StepRunner {
    void step(int index, Runnable task);
  }

  private void run(Workspace workspace, StepRunner runner) {
    if (!(workspace instanceof CpuWorkspace memory) || memory.program() != this) {
      throw new IllegalArgumentException("this workspace belongs to another program");
    }
    long version = parameters.version();
    if (!memory.slabs.use(memory)) {
      memory.version = -1;
    }
    int workers = ran ? threads : firstThreads();
    for (int i = 0; i < tasks.size(); i++) {
      Step step = lowered.steps().get(i);
      if (!step.onParameterChange() || memory.version != version) {
        Task task = tasks.get(i);
        runner.step(i, () -> ThreadPool.run(task, step.work(), memory, workers));
      }
    }
    memory.version = version;
    ran = true;
  }

  /** A first run mostly waits for the JIT compiler, so it leaves one core to it. */
  private int firstThreads() {
    return Math.clamp(Runtime.getRuntime().availableProcessors() - 1, 1, threads);
  }

  @Override
  public long workspaceBytes() {
    long floats = hasGradients() ? parameters.size() : 0;
    for (int slab : plan.slabs()) {
      floats += slab;
    }
    return floats * Float.BYTES;
  }

  private boolean hasGradients() {
    return lowered.steps().stream().anyMatch(s -> s.output().storage() == Buffer.Storage.GRADIENTS);
  }

  @Override
  public String plan() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(Locale.ROOT, "%-28s %-24s %-6s %20s %14s%n", "layer", "kernel", "layout", "address", "multiply-adds"));
    for (Step step : lowered.steps()) {
      Address address = plan.of(step.output());
      text.append(
          String.format(
              Locale.ROOT,
              "%-28s %-24s %-6s %20s %,14d%n",
              step.path(),
              step.name(),
              step.output().layout().name().toLowerCase(Locale.ROOT),
              arrayName(address) + " " + address.offset() + "+" + step.output().size(),
              step.work()));
    }
    text.append(String.format(Locale.ROOT, "%d steps, a workspace of %,d bytes%n", tasks.size(), workspaceBytes()));
    return text.toString();
  }

  @Override
  public String plan(Workspace workspace, int runs) {
    double peak = kernels.stream().mapToDouble(KernelSet::multiplyAddsPerSecond).max().orElse(0);
    Profile profile = new Profile(lowered.steps(), threads, peak, MemoryBandwidth.measured());
    for (int i = 0; i < runs; i++) {
      run(workspace, profile::time);
    }
    return profile.toString();
  }

  private static String arrayName(Address address) {
    return switch (address.array()) {
      case MemoryPlan.PARAMETERS -> "parameters";
      case MemoryPlan.GRADIENTS -> "gradients";
      default -> "slab" + (address.array() - MemoryPlan.FIRST_SLAB);
    };
  }

  /** The memory of one run at a time; workspaces of several programs may share its slabs. */
  private final class CpuWorkspace implements Workspace, Memory {
    private final Slabs slabs;
    private Rng random = Rng.of(0);
    private long version = -1;

    CpuWorkspace(Slabs slabs) {
      this.slabs = slabs;
      slabs.require(plan.slabs(), hasGradients());
    }

    CpuProgram program() {
      return CpuProgram.this;
    }

    @Override
    public Slot input(String name) {
      Buffer buffer = lowered.inputs().get(name);
      if (buffer == null) {
        throw new IllegalArgumentException("no input " + name + " among " + lowered.inputs().keySet());
      }
      Address address = plan.of(buffer);
      return new Slot(
          slabs.array(address.array()),
          address.offset(),
          graph.inputs().stream().filter(i -> i.name().equals(name)).findFirst().orElseThrow().shape());
    }

    @Override
    public Slot output(String name) {
      Buffer buffer = lowered.outputs().get(name);
      if (buffer == null) {
        throw new IllegalArgumentException("no output " + name + " among " + lowered.outputs().keySet());
      }
      Address address = plan.of(buffer);
      return new Slot(slabs.array(address.array()), address.offset(), graph.outputShape(name));
    }

    @Override
    public float[] gradients() {
      return slabs.array(MemoryPlan.GRADIENTS);
    }

    @Override
    public void random(Rng key) {
      random = key;
    }

    @Override
    public float[] array(int index) {
      return slabs.array(index);
    }

    @Override
    public Rng random() {
      return random;
    }
  }
}

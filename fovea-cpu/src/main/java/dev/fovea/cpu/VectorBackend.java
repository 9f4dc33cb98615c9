package dev.fovea.cpu;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.LayoutRule;
import dev.fovea.cpu.scalar.ScalarKernels;
import dev.fovea.cpu.vector.VectorKernels;
import dev.fovea.graph.Backend;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Precision;
import dev.fovea.graph.Program;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Kernels in Java's Vector API for the performance-critical operators, scalar kernels for the rest. Both give the same bits. */
public final class VectorBackend implements Backend {
  private static final String MODULE = "jdk.incubator.vector";

  private final Optional<Layout> layout;
  private final Precision precision;

  /** Chooses the layout for each graph by {@link LayoutRule}. */
  public VectorBackend() {
    this(Optional.empty(), Precision.FAST);
  }

  /** Always uses this layout, NCHW16N or NCHW16C; for measurements and tests. */
  VectorBackend(Layout layout) {
    this(Optional.of(layout), Precision.FAST);
  }

  private VectorBackend(Optional<Layout> layout, Precision precision) {
    this.layout = layout;
    this.precision = precision;
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public int rank() {
    return 10;
  }

  /** Always true on the module path; on the class path only with {@code --add-modules}. */
  @Override
  public boolean usable() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }

  @Override
  public String describe() {
    return usable()
        ? "vector: Java's Vector API, vectors of " + VectorKernels.lanes() + " floats"
        : "vector: the module " + MODULE + " is missing; add --add-modules " + MODULE + " to the java command";
  }

  @Override
  public Backend with(Precision other) {
    return new VectorBackend(layout, other);
  }

  @Override
  public void warmUp() {
    if (precision == Precision.FAST) {
      VectorKernels.warmUp();
    }
  }

  @Override
  public void loop(int count, int threads, IntConsumer body) {
    ThreadPool.loop(count, threads, body);
  }

  @Override
  public List<Product> products(Node node, List<Shape> operands, int element) {
    return SumOrder.of(node, operands, element);
  }

  @Override
  public Program compile(Graph graph, Parameters parameters, int threads) {
    return CpuProgram.of(graph, parameters, threads, precision,
        List.of(new VectorKernels(layout.orElseGet(() -> LayoutRule.of(graph))), new ScalarKernels()));
  }
}

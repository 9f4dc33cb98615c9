package dev.fovea.cpu;

import dev.fovea.cpu.scalar.ScalarKernels;
import dev.fovea.graph.Backend;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Precision;
import dev.fovea.graph.Program;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.function.IntConsumer;

/** Kernels in plain Java loops: slow, but for every operator and on every machine. */
public final class ScalarBackend implements Backend {
  private final Precision precision;

  /** Uses {@link Precision#FAST} arithmetic, so that it gives the same bits as the vector kernels. */
  public ScalarBackend() {
    this(Precision.FAST);
  }

  private ScalarBackend(Precision precision) {
    this.precision = precision;
  }

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public boolean usable() {
    return true;
  }

  @Override
  public String describe() {
    return "scalar: plain Java loops";
  }

  @Override
  public Backend with(Precision other) {
    return new ScalarBackend(other);
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
    return CpuProgram.of(graph, parameters, threads, precision, List.of(new ScalarKernels()));
  }
}

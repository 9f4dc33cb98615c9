package dev.fovea.cpu.compile;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;

/** Checks of shapes alone, before a graph is planned: tensors that are too large, windows and products that would take too long. */
public final class GraphLimits {
  /** Pixels of a side: tables have an entry for each of them. */
  private static final int MAX_SIDE = 1 << 20;

  /** Elements of a window up to which it is always accepted. */
  private static final int SMALL_WINDOW = 1024;

  /** Reads of one operator with a larger window, each of sixteen channels at once: about a second. */
  private static final long MAX_READS = 1 << 28;

  /** Multiply-adds of one product of tensors that are both computed: some ten seconds. */
  private static final long MAX_MULTIPLY_ADDS = 1L << 40;

  private GraphLimits() {}

  /**
   * Refuses a graph that cannot run on this machine.
   *
   * @param maxBytes an upper bound for the size of a tensor
   * @throws FoveaException naming the layer
   */
  public static void check(Graph graph, long maxBytes) {
    for (Node node : graph.nodes()) {
      size(node, maxBytes);
      reads(graph, node);
    }
  }

  private static void size(Node node, long maxBytes) {
    Shape shape = node.shape();
    if (shape.rank() == 4 && Math.max(shape.dim(2), shape.dim(3)) > MAX_SIDE) {
      throw new FoveaException(
          node.where() + ": a map of " + shape + " has a side of more than " + MAX_SIDE + " pixels: use smaller images");
    }
    long bytes = (long) Float.BYTES * shape.size();
    if (bytes > maxBytes) {
      throw new FoveaException(
          node.where() + ": a tensor of " + shape + " needs " + (bytes >> 20) + " MiB, more than the memory of "
              + (maxBytes >> 20) + " MiB: use smaller images or a smaller batch, or give the JVM more memory, as in -Xmx8g");
    }
  }

  /**
   * Operators whose reads are bounded by nothing else: sums over parameters are bounded by the weights in the file, and maxima are
   * taken by columns, then by rows.
   */
  private static void reads(Graph graph, Node node) {
    switch (node.op()) {
      case Op.AveragePool(Window w, _) -> pooled(graph, node, w, node.shape());
      case Op.MaxPick(Window w) -> pooled(graph, node, w, node.shape());
      case Op.MaxUnpool(Window w) -> pooled(graph, node, w, operand(graph, node, 1));
      case Op.Lrn(int size, _, _, _) -> {
        Shape x = node.shape();
        require(node, Math.min(size, x.dim(1)), (double) x.size() / Layout.BLOCK);
      }
      case Op.MatMul _ -> product(graph, node, operand(graph, node, 0).rank() - 1);
      case Op.Gemm(boolean transA, _) -> product(graph, node, transA ? 0 : 1);
      default -> {
      }
    }
  }

  private static Shape operand(Graph graph, Node node, int index) {
    return graph.at(node.inputs().get(index)).shape();
  }

  /** @param axis of the first operand, along which the sums run */
  private static void product(Graph graph, Node node, int axis) {
    Shape a = operand(graph, node, 0);
    if (!(graph.at(node.inputs().get(1)).op() instanceof Op.Param)
        && (double) node.shape().size() * a.dim(axis) > MAX_MULTIPLY_ADDS) {
      throw new FoveaException(node.where() + ": " + node.op().type() + " of " + a + " and " + operand(graph, node, 1)
          + " needs more than " + MAX_MULTIPLY_ADDS + " multiply-adds and takes too long: use smaller images or a smaller batch");
    }
  }

  private static void pooled(Graph graph, Node node, Window w, Shape windows) {
    Shape x = operand(graph, node, 0);
    long area = (long) Math.min(w.kernelH(), x.dim(2)) * Math.min(w.kernelW(), x.dim(3));
    require(node, area, (double) windows.dim(0) * Layout.channelBlocks(windows) * windows.sizeFrom(2));
  }

  private static void require(Node node, long window, double windows) {
    if (window > SMALL_WINDOW && window * windows > MAX_READS) {
      throw new FoveaException(node.where() + ": " + node.op().type() + " over " + window + " elements at each of "
          + node.shape().size() + " positions takes too long: use a smaller window, a larger stride or smaller images");
    }
  }
}

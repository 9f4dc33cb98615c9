package dev.fovea.cpu.compile;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;

/** What is told by shapes alone, before anything is planned around it: tensors too large, and windows that would take for ever. */
public final class GraphLimits {
  /** Pixels of a side: each has its place in tables. */
  private static final int LONGEST = 1 << 20;

  /** A smaller window is nobody's mistake, wherever it goes. */
  private static final int SMALL_WINDOW = 1024;

  /** Numbers that one operator with a larger window may read, sixteen channels at once: a second or so. */
  private static final long MOST_READS = 1 << 28;

  private GraphLimits() {}

  /**
   * Refuses a graph that no plan could make run.
   *
   * @param most bytes that a tensor may take
   * @throws FoveaException naming the layer
   */
  public static void check(Graph graph, long most) {
    for (Node node : graph.nodes()) {
      size(node, most);
      reads(graph, node);
    }
  }

  private static void size(Node node, long most) {
    Shape shape = node.shape();
    if (shape.rank() == 4 && Math.max(shape.dim(2), shape.dim(3)) > LONGEST) {
      throw new FoveaException(
          node.where() + ": a map of " + shape + " has a side of more than " + LONGEST + " pixels: take smaller images");
    }
    long bytes = (long) Float.BYTES * shape.size();
    if (bytes > most) {
      throw new FoveaException(
          node.where() + ": a tensor of " + shape + " takes " + (bytes >> 20) + " MiB, more than the memory of "
              + (most >> 20) + " MiB: take smaller images or a smaller batch, or give the JVM more, as in -Xmx8g");
    }
  }

  /** Convolutions sum over no more than the file has weights, maxima go by columns and by rows; these have no such bound. */
  private static void reads(Graph graph, Node node) {
    switch (node.op()) {
      case Op.AveragePool(Window w, _) -> pooled(graph, node, w, node.shape());
      case Op.MaxPick(Window w) -> pooled(graph, node, w, node.shape());
      case Op.MaxUnpool(Window w) -> pooled(graph, node, w, graph.at(node.inputs().get(1)).shape());
      case Op.Lrn(int size, _, _, _) -> {
        Shape x = node.shape();
        require(node, Math.min(size, x.dim(1)), (double) x.size() / Layout.BLOCK);
      }
      default -> {
      }
    }
  }

  private static void pooled(Graph graph, Node node, Window w, Shape addresses) {
    Shape x = graph.at(node.inputs().getFirst()).shape();
    long area = (long) Math.min(w.kernelH(), x.dim(2)) * Math.min(w.kernelW(), x.dim(3));
    require(node, area, (double) addresses.dim(0) * Layout.channelBlocks(addresses) * addresses.sizeFrom(2));
  }

  private static void require(Node node, long window, double addresses) {
    if (window > SMALL_WINDOW && window * addresses > MOST_READS) {
      throw new FoveaException(node.where() + ": " + node.op().type() + " over " + window + " numbers at each of "
          + node.shape().size() + " positions takes too long: take a smaller window, a larger stride or smaller images");
    }
  }
}

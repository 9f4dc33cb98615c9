package dev.fovea.cpu.kernel;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;

/**
 * Chooses how a graph's images lie. Both layouts give the same bits, so the choice may look at the batch; it never looks at the
 * machine or a clock.
 *
 * <p>{@link Layout#NCHW16N} wastes spare images of the last block, {@link Layout#NCHW16C} spare channels of each convolution: the
 * smaller waste wins, where sixteen images at once stay in a core's cache. Without a convolution there are no maps to keep apart, and
 * NCHW16C is plain rows, which matrix products take as they are or by a small reorder. docs/decisions/0004 has the measurements.
 */
public final class LayoutRule {
  /** Numbers that a convolution may read and write an image: for 16 of them half of a second-level cache of 1 MiB. */
  static final int CACHED = (1 << 19) / Float.BYTES / Layout.BLOCK;

  private LayoutRule() {}

  public static Layout of(Graph graph) {
    double work = 0;
    double padded = 0;
    int batch = 1;
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Conv || node.op() instanceof Op.ConvTranspose) {
        Shape x = graph.at(node.inputs().getFirst()).shape();
        Shape weight = graph.at(node.inputs().get(1)).shape();
        Shape out = node.shape();
        if (x.sizeFrom(1) + out.sizeFrom(1) > CACHED) {
          return Layout.NCHW16C;
        }
        double products = (double) weight.size() * out.sizeFrom(2);
        work += products;
        padded += products * Layout.channelBlocks(out) * Layout.BLOCK / out.dim(1);
        batch = x.dim(0);
      }
    }
    double spareImages = (double) Layout.blocks(Shape.of(batch)) * Layout.BLOCK / batch;
    return work > 0 && spareImages <= padded / work ? Layout.NCHW16N : Layout.NCHW16C;
  }
}

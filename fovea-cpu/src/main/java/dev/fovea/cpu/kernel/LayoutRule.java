package dev.fovea.cpu.kernel;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;

/**
 * Chooses the layout of a graph's activations. Both layouts give the same bits, so the choice may depend on the batch size; it
 * never depends on the machine or on timing.
 *
 * <p>{@link Layout#NCHW16N} wastes padding images in the last block, {@link Layout#NCHW16C} padding channels in each convolution:
 * the layout with the smaller waste is chosen, if sixteen images at once stay in a core's cache. A graph without convolutions gets
 * NCHW16C, where maps of one pixel are plain rows, which matrix products read directly or after a small reorder.
 * docs/decisions/0004 has the measurements.
 */
public final class LayoutRule {
  /** Floats that a convolution may read and write for each image: for 16 images half of a second-level cache of 1 MiB. */
  static final int MAX_CACHED = (1 << 19) / Float.BYTES / Layout.BLOCK;

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
        if (x.sizeFrom(1) + out.sizeFrom(1) > MAX_CACHED) {
          return Layout.NCHW16C;
        }
        double products = (double) weight.size() * out.sizeFrom(2);
        work += products;
        padded += products * Layout.channelBlocks(out) * Layout.BLOCK / out.dim(1);
        batch = x.dim(0);
      }
    }
    double spareImages = (double) Layout.imageBlocks(Shape.of(batch)) * Layout.BLOCK / batch;
    return work > 0 && spareImages <= padded / work ? Layout.NCHW16N : Layout.NCHW16C;
  }
}

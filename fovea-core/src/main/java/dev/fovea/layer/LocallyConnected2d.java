package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.function.IntSupplier;

/**
 * A convolution without weight sharing: each position has its own filters, since in aligned images, as of faces, eyes and hair are
 * best learned separately. Taigman et al. 2014 (DeepFace, section 3). It fixes the image size. Parameters weight
 * {@code [Ho, Wo, K, C, F, F]} and bias {@code [K, Ho, Wo]}.
 */
public record LocallyConnected2d(int outChannels, Window window) implements Layer {
  public static LocallyConnected2d of(int outChannels, int kernelSize) {
    return new LocallyConnected2d(outChannels, Window.of(kernelSize));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape in = g.shape(x);
    if (in.rank() != 4) {
      throw new FoveaException(g.qualified("LocallyConnected2d") + " expects images of N x C x H x W, got " + in);
    }
    int h = outputSize(g, () -> window.outH(in.dim(2)));
    int w = outputSize(g, () -> window.outW(in.dim(3)));
    Shape weight = Shape.of(h, w, outChannels, in.dim(1), window.kernelH(), window.kernelW());
    Init init = Init.torch(weight.sizeFrom(3));
    Value y = g.op(new Op.LocalConv(window), x, g.param("weight", weight, init));
    return g.add(y, g.param("bias", Shape.of(outChannels, h, w), init));
  }

  private static int outputSize(GraphBuilder g, IntSupplier size) {
    try {
      return size.getAsInt();
    } catch (FoveaException e) {
      throw new FoveaException(g.qualified("LocallyConnected2d") + ": " + e.getMessage(), e);
    }
  }
}

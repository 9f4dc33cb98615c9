package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;

/**
 * A convolution that shares no weights: each place has filters of its own, since in aligned pictures, as of faces, eyes and hair are
 * best learnt apart. Taigman et al. 2014 (DeepFace, section 3). The picture's size is fixed by it. Parameters weight
 * {@code [Ho, Wo, K, C, F, F]} and bias {@code [K, Ho, Wo]}.
 */
public record LocallyConnected2d(int outChannels, Window window) implements Layer {
  public static LocallyConnected2d of(int outChannels, int kernelSize) {
    return new LocallyConnected2d(outChannels, Window.of(kernelSize));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape in = g.shape(x);
    int h = window.outH(in.dim(2));
    int w = window.outW(in.dim(3));
    Shape weight = Shape.of(h, w, outChannels, in.dim(1), window.kernelH(), window.kernelW());
    Init init = Init.torch(weight.sizeFrom(3));
    Value y = g.op(new Op.LocalConv(window), x, g.param("weight", weight, init));
    return g.add(y, g.param("bias", Shape.of(outChannels, h, w), init));
  }
}

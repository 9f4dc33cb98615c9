package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;

/**
 * The transposed convolution, the adjoint of a convolution, with {@code (H - 1) S + F - 2P + extra} output rows. Zeiler et al.
 * 2010; Long et al. 2015, section 3.3. Weight {@code [C, K/groups, F, F]}.
 *
 * @param extra additional rows and columns of the output (PyTorch's output padding)
 */
public record ConvTranspose2d(int outChannels, Window window, int extra, int groups, boolean bias) implements Layer {
  public static ConvTranspose2d of(int outChannels, int kernelSize) {
    return new ConvTranspose2d(outChannels, Window.of(kernelSize), 0, 1, true);
  }

  public ConvTranspose2d stride(int stride) {
    return new ConvTranspose2d(outChannels, window.stride(stride), extra, groups, bias);
  }

  public ConvTranspose2d padding(int padding) {
    return new ConvTranspose2d(outChannels, window.padding(padding), extra, groups, bias);
  }

  public ConvTranspose2d extra(int extra) {
    return new ConvTranspose2d(outChannels, window, extra, groups, bias);
  }

  public ConvTranspose2d bias(boolean bias) {
    return new ConvTranspose2d(outChannels, window, extra, groups, bias);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    int channels = g.shape(x).dim(1);
    if (groups < 1 || channels % groups != 0 || outChannels % groups != 0) {
      throw new FoveaException(g.qualified("ConvTranspose2d") + " expects groups that divide " + channels + " input and "
          + outChannels + " output channels, got " + groups);
    }
    Shape shape = Shape.of(channels, outChannels / groups, window.kernelH(), window.kernelW());
    Init init = Init.torch(shape.sizeFrom(1));
    Op transposed = new Op.ConvTranspose(window, groups, extra, extra);
    Value weight = g.param("weight", shape, init);
    return bias ? g.op(transposed, x, weight, g.param("bias", Shape.of(outChannels), init)) : g.op(transposed, x, weight);
  }
}

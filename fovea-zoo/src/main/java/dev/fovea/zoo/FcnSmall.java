package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Interpolation;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;

/**
 * A fully convolutional network that is small enough to be trained from scratch: a class for each pixel of an image of any size.
 * Scores at a stride of 16 are upsampled and added to those of 8, 4 and 2, and the sum is upsampled to the image. The
 * architecture is that of Long, Shelhamer, Darrell 2015 (arXiv 1411.4038), section 4.2; the encoder is our own.
 *
 * <p>What differs from the paper: the encoder has strides where VGG-16 pools, and batch normalisation (Ioffe and Szegedy 2015),
 * every map is upsampled to the size of the next finer one, so that nothing is padded or cropped, and there is one more skip.
 */
public record FcnSmall(int classes) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value image) { //                            3 x 180 x 240
    Value half = Sequential.of(
        unit(16).stride(2).named("conv1_1"), //                                  16 x 90 x 120
        unit(32).named("conv1_2")) //                                            32 x 90 x 120
        .apply(g, image);
    Value quarter = Sequential.of(
        unit(64).stride(2).named("conv2_1"), //                                  64 x 45 x 60
        unit(64).named("conv2_2")) //                                            64 x 45 x 60
        .apply(g, half);
    Value eighth = Sequential.of(
        unit(128).stride(2).named("conv3_1"), //                                128 x 23 x 30
        unit(128).named("conv3_2")) //                                          128 x 23 x 30
        .apply(g, quarter);
    Value sixteenth = Sequential.of(
        unit(128).stride(2).named("conv4_1"), //                                128 x 12 x 15
        unit(128).dilation(2).named("conv4_2"), //                              128 x 12 x 15
        unit(128).dilation(4).named("conv4_3")) //                              128 x 12 x 15
        .apply(g, eighth);
    Value y = score(4).apply(g, sixteenth); //                              classes x 12 x 15
    y = g.add(score(3).apply(g, eighth), upsampled(g, y, eighth)); //        classes x 23 x 30
    y = g.add(score(2).apply(g, quarter), upsampled(g, y, quarter)); //      classes x 45 x 60
    y = g.add(score(1).apply(g, half), upsampled(g, y, half)); //            classes x 90 x 120
    return upsampled(g, y, image); //                                      classes x 180 x 240
  }

  private static Unit unit(int channels) {
    return new Unit(channels, 1, 1);
  }

  /** With small initial weights, so that no class has a high probability at the start. */
  private Layer score(int stage) {
    return Conv2d.of(classes, 1).init(WeightInit.NORMAL_001).named("score" + stage);
  }

  private static Value upsampled(GraphBuilder g, Value x, Value reference) {
    return g.op(new Op.Resize(Interpolation.BILINEAR, 1), x, reference);
  }

  /** A 3x3 convolution that keeps the size, divided by its stride; batch normalisation; ReLU. */
  private record Unit(int channels, int convStride, int convDilation) implements Layer {
    Unit stride(int stride) {
      return new Unit(channels, stride, convDilation);
    }

    Unit dilation(int dilation) {
      return new Unit(channels, convStride, dilation);
    }

    @Override
    public Value apply(GraphBuilder g, Value x) {
      Layer conv =
          Conv2d.of(channels, 3).stride(convStride).dilation(convDilation).padding(convDilation).bias(false).init(WeightInit.HE);
      return Sequential.of(conv.named("conv"), BatchNorm2d.standard().named("norm"), Activation.RELU).apply(g, x);
    }
  }
}

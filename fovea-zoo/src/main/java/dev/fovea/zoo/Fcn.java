package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.BilinearUpsample2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Layer;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;
import dev.fovea.tensor.FoveaException;

/**
 * Fully convolutional networks on VGG-16: a class for each pixel. With 21 classes FCN-32s has 136,152,917 parameters, FCN-16s
 * 134,815,994 and FCN-8s 134,489,759, the fixed upsampling included. Long, Shelhamer, Darrell: Fully convolutional networks for
 * semantic segmentation, 2015 (arXiv 1411.4038), sections 3 and 4; paddings, crops and names are those of the authors' files.
 *
 * <p>A finer one with the weights of a coarser one ({@code fovea train --init}) gives its outputs at first: the new skip's scores
 * are initialised with 0.
 *
 * <p>What differs from the paper: initial weights by He et al. 2015, not those of a trained VGG-16.
 *
 * @param stride 32, 16 or 8: pixels from one score to the next before the last upsampling
 * @param atOnce whether skips are scaled for all-at-once training: pool4 by 0.01, pool3 by 0.0001
 */
public record Fcn(int classes, int stride, boolean atOnce) implements Layer {
  /** Padding that allows the smallest image to pass all pools and fc6; the crops remove what it adds. */
  private static final int PADDING = 100;

  public Fcn {
    if (stride != 32 && stride != 16 && stride != 8) {
      throw new FoveaException("an FCN's stride is 32, 16 or 8, got " + stride);
    }
  }

  public static Fcn of(int classes, int stride) {
    return new Fcn(classes, stride, false);
  }

  /** FCN-8s whose skips are trained all at once. */
  public static Fcn atOnce(int classes) {
    return new Fcn(classes, 8, true);
  }

  @Override
  public Value apply(GraphBuilder g, Value image) { //                      3 x 500 x 500
    Value pool3 = Sequential.of(
        conv(64, PADDING).named("conv1_1"), //                            64 x 698 x 698
        Activation.RELU,
        conv(64, 1).named("conv1_2"), //                                 64 x 698 x 698
        Activation.RELU,
        pool().named("pool1"), //                                        64 x 349 x 349
        conv(128, 1).named("conv2_1"), //                               128 x 349 x 349
        Activation.RELU,
        conv(128, 1).named("conv2_2"), //                               128 x 349 x 349
        Activation.RELU,
        pool().named("pool2"), //                                       128 x 175 x 175
        conv(256, 1).named("conv3_1"), //                               256 x 175 x 175
        Activation.RELU,
        conv(256, 1).named("conv3_2"), //                               256 x 175 x 175
        Activation.RELU,
        conv(256, 1).named("conv3_3"), //                               256 x 175 x 175
        Activation.RELU,
        pool().named("pool3")) //                                       256 x 88 x 88
        .apply(g, image);
    Value pool4 = Sequential.of(
        conv(512, 1).named("conv4_1"), //                               512 x 88 x 88
        Activation.RELU,
        conv(512, 1).named("conv4_2"), //                               512 x 88 x 88
        Activation.RELU,
        conv(512, 1).named("conv4_3"), //                               512 x 88 x 88
        Activation.RELU,
        pool().named("pool4")) //                                       512 x 44 x 44
        .apply(g, pool3);
    Value score = Sequential.of(
        conv(512, 1).named("conv5_1"), //                               512 x 44 x 44
        Activation.RELU,
        conv(512, 1).named("conv5_2"), //                               512 x 44 x 44
        Activation.RELU,
        conv(512, 1).named("conv5_3"), //                               512 x 44 x 44
        Activation.RELU,
        pool().named("pool5"), //                                       512 x 22 x 22
        Conv2d.of(4096, 7).init(WeightInit.HE).named("fc6"), //        4096 x 16 x 16
        Activation.RELU,
        new Dropout(0.5).named("drop6"),
        Conv2d.of(4096, 1).init(WeightInit.HE).named("fc7"), //        4096 x 16 x 16
        Activation.RELU,
        new Dropout(0.5).named("drop7"),
        score(WeightInit.NORMAL_001, "score_fr")) //                   classes x 16 x 16
        .apply(g, pool4);
    if (stride == 32) {
      Value up = upsample("upscore", 32).apply(g, score); //        classes x 544 x 544
      return crop(g, "score", 19, up, image); //                  classes x 500 x 500
    }
    Value up2 = upsample("upscore2", 2).apply(g, score); //         classes x 34 x 34
    Value fine = score(WeightInit.ZERO, "score_pool4").apply(g, scaled(g, "scale_pool4", 0.01, pool4)); // classes x 44 x 44
    Value fused = fuse(g, "fuse_pool4", up2, crop(g, "score_pool4c", 5, fine, up2)); //     classes x 34 x 34
    if (stride == 16) {
      Value up = upsample("upscore16", 16).apply(g, fused); //      classes x 560 x 560
      return crop(g, "score", 27, up, image); //                  classes x 500 x 500
    }
    Value up4 = upsample("upscore_pool4", 2).apply(g, fused); //    classes x 70 x 70
    Value finer = score(WeightInit.ZERO, "score_pool3").apply(g, scaled(g, "scale_pool3", 0.0001, pool3)); // classes x 88 x 88
    Value all = fuse(g, "fuse_pool3", up4, crop(g, "score_pool3c", 9, finer, up4)); //       classes x 70 x 70
    Value up = upsample("upscore8", 8).apply(g, all); //            classes x 568 x 568
    return crop(g, "score", 31, up, image); //                    classes x 500 x 500
  }

  private static Conv2d conv(int outChannels, int padding) {
    return Conv2d.of(outChannels, 3).padding(padding).init(WeightInit.HE);
  }

  private static Layer pool() {
    return MaxPool2d.of(2).ceil(true);
  }

  private Layer score(WeightInit initial, String name) {
    return Conv2d.of(classes, 1).init(initial).named(name);
  }

  private static Layer upsample(String name, int factor) {
    return new BilinearUpsample2d(2 * factor, factor, false).named(name);
  }

  private Value scaled(GraphBuilder g, String name, double factor, Value x) {
    return atOnce ? g.scope(name, () -> g.mul(x, g.number(factor))) : x;
  }

  private static Value fuse(GraphBuilder g, String name, Value a, Value b) {
    return g.scope(name, () -> g.add(a, b));
  }

  private static Value crop(GraphBuilder g, String name, int offset, Value x, Value reference) {
    return g.scope(name, () -> g.op(new Op.Crop(offset, offset), x, reference));
  }
}

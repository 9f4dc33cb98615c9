package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Residual;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;
import java.util.Collections;

/**
 * The residual networks for CIFAR-10, of 6n + 2 layers; ResNet-20 has 269,722 parameters at 10 classes. He, Zhang, Ren, Sun: Deep
 * residual learning for image recognition, 2016 (<a href="https://arxiv.org/abs/1512.03385">arXiv 1512.03385</a>), section 4.2.
 *
 * <p>Nothing differs from the paper: if a stage halves the size, its first shortcut takes every second pixel and pads with zero
 * channels (option A), so that shortcuts have no parameters. torchvision has no such networks; parameters are named as in the
 * common <a href="https://github.com/akamaster/pytorch_resnet_cifar10">PyTorch port</a>, whose weights load.
 *
 * @param depth n, the number of blocks of each of the three stages
 */
public record ResNetCifar(int depth, int classes) implements Layer {
  public static ResNetCifar resnet20(int classes) {
    return new ResNetCifar(3, classes);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) { //          3 x 32 x 32
    return Sequential.of(
        convolution(16).named("conv1"), //                 16 x 32 x 32
        BatchNorm2d.standard().named("bn1"),
        Activation.RELU,
        stage(16).named("layer1"), //                      16 x 32 x 32
        stage(32).named("layer2"), //                      32 x 16 x 16
        stage(64).named("layer3"), //                      64 x 8 x 8
        AdaptiveAvgPool2d.global(), //                     64 x 1 x 1
        new Flatten(), //                                  64
        Linear.of(classes).named("linear"))
        .apply(g, x);
  }

  private Layer stage(int width) {
    return new Sequential(Collections.nCopies(depth, (g, x) -> block(g, x, width)));
  }

  /** Two convolutions and the shortcut around them; if the width grows, the size is halved. */
  private static Value block(GraphBuilder g, Value x, int width) {
    int added = width - g.shape(x).dim(1);
    int stride = added == 0 ? 1 : 2;
    Layer body =
        Sequential.of(
            convolution(width).stride(stride).named("conv1"),
            BatchNorm2d.standard().named("bn1"),
            Activation.RELU,
            convolution(width).named("conv2"),
            BatchNorm2d.standard().named("bn2"));
    Layer shortcut = (_, y) -> g.op(new Op.Pad(1, added / 2, added - added / 2), AvgPool2d.of(1).stride(2).apply(g, y));
    Value sum = (added == 0 ? Residual.of(body) : new Residual(body, shortcut)).apply(g, x);
    return Activation.RELU.apply(g, sum);
  }

  private static Conv2d convolution(int outChannels) {
    return Conv2d.of(outChannels, 3).padding(1).bias(false).init(WeightInit.HE);
  }
}

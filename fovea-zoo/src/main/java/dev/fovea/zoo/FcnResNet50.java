package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Sequential;

/**
 * A fully convolutional network on ResNet-50 as in torchvision, with scores for each pixel: from {@code [N, 3, H, W]} to
 * {@code [N, classes, H, W]}, with 32,957,013 parameters at 21 classes. Long, Shelhamer, Darrell: Fully convolutional networks for
 * semantic segmentation, 2015 (<a href="https://arxiv.org/abs/1411.4038">arXiv 1411.4038</a>), sections 3 and 4.
 *
 * <p>What differs from the paper: a residual network in place of VGG-16, dilated so that its maps have 1/8 of the size, and
 * bilinear upsampling by 8 in one step, in place of the finer layers' scores and learned upsampling.
 */
public record FcnResNet50(int classes) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) { //                          3 x 224 x 224
    Value maps = ResNet.resnet50(classes).trunk(true).named("backbone").apply(g, x); // 2048 x 28 x 28
    Value scores =
        Sequential.of(
            Conv2d.of(512, 3).padding(1).bias(false), //                  512 x 28 x 28
            BatchNorm2d.standard(),
            Activation.RELU,
            new Dropout(0.1),
            Conv2d.of(classes, 1)) //                                 classes x 28 x 28
            .named("classifier")
            .apply(g, maps);
    return g.op(new Op.Resize(Op.Interpolation.BILINEAR, 1), scores, x); // classes x 224 x 224
  }
}

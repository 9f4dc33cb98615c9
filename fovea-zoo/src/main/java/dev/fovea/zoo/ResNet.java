package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Residual;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;
import java.util.ArrayList;
import java.util.List;

/**
 * The residual networks for large images as in torchvision: ResNet-18, 11,689,512 parameters at 1000 classes, ResNet-34,
 * 21,797,672, and ResNet-50, 25,557,032. He, Zhang, Ren, Sun: Deep residual learning for image recognition, 2016 (<a
 * href="https://arxiv.org/abs/1512.03385">arXiv 1512.03385</a>), section 3.3, table 1; shortcuts of option B.
 *
 * <p>What differs from the paper: in a bottleneck the 3x3 convolution has the stride, not the 1x1 before it.
 *
 * @param bottleneck whether a block has 1x1 convolutions to its width and to four times that (figure 5), else it has two of 3x3
 * @param depths the number of blocks of each of the four stages
 */
public record ResNet(boolean bottleneck, List<Integer> depths, int classes) implements Layer {
  public ResNet {
    depths = List.copyOf(depths);
  }

  public static ResNet resnet18(int classes) {
    return new ResNet(false, List.of(2, 2, 2, 2), classes);
  }

  public static ResNet resnet34(int classes) {
    return new ResNet(false, List.of(3, 4, 6, 3), classes);
  }

  public static ResNet resnet50(int classes) {
    return new ResNet(true, List.of(3, 4, 6, 3), classes);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return Sequential.of(
        AdaptiveAvgPool2d.global().named("avgpool"), //   512 x 1 x 1, 2048 with bottlenecks
        new Flatten(),
        Linear.of(classes).named("fc"))
        .apply(g, trunk(false).apply(g, x));
  }

  /**
   * The network without its classifier.
   *
   * @param dilated whether the last two stages have dilations of 2 and 4 instead of strides, for outputs per pixel: Chen et al.
   *     2017 (arXiv 1706.05587, section 3.1)
   */
  Layer trunk(boolean dilated) { //                                            plain            bottlenecks      and dilated
    return Sequential.of( //                                                    3 x 224 x 224
        convolution(64, 7).stride(2).padding(3).named("conv1"), //             64 x 112 x 112
        BatchNorm2d.standard().named("bn1"),
        Activation.RELU.named("relu"),
        MaxPool2d.of(3).stride(2).padding(1).named("maxpool"), //              64 x 56 x 56
        stage(0, 1, 1, 1).named("layer1"), //                                  64 x 56 x 56    256 x 56 x 56    256 x 56 x 56
        stage(1, 2, 1, 1).named("layer2"), //                                 128 x 28 x 28    512 x 28 x 28    512 x 28 x 28
        (dilated ? stage(2, 1, 1, 2) : stage(2, 2, 1, 1)).named("layer3"), // 256 x 14 x 14   1024 x 14 x 14   1024 x 28 x 28
        (dilated ? stage(3, 1, 2, 4) : stage(3, 2, 1, 1)).named("layer4")); // 512 x 7 x 7    2048 x 7 x 7     2048 x 28 x 28
  }

  /** Blocks of the same width, the first with the stride and the dilation of the stage before, from which its input comes. */
  private Layer stage(int index, int stride, int firstDilation, int dilation) {
    int width = 64 << index;
    List<Layer> blocks = new ArrayList<>();
    blocks.add(new Block(bottleneck, width, stride, firstDilation));
    for (int i = 1; i < depths.get(index); i++) {
      blocks.add(new Block(bottleneck, width, 1, dilation));
    }
    return new Sequential(blocks);
  }

  private static Conv2d convolution(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).bias(false).init(WeightInit.HE_OUT);
  }

  private record Block(boolean bottleneck, int width, int stride, int dilation) implements Layer {
    @Override
    public Value apply(GraphBuilder g, Value x) {
      int outChannels = bottleneck ? 4 * width : width;
      boolean same = stride == 1 && g.shape(x).dim(1) == outChannels;
      Layer projection = Sequential.of(convolution(outChannels, 1).stride(stride), BatchNorm2d.standard()).named("downsample");
      Layer body = bottleneck ? bottleneckBody() : basicBody();
      Value sum = (same ? Residual.of(body) : new Residual(body, projection)).apply(g, x);
      return Activation.RELU.named("relu").apply(g, sum);
    }

    private Layer basicBody() {
      return Sequential.of(
          convolution(width, 3).stride(stride).padding(dilation).dilation(dilation).named("conv1"),
          BatchNorm2d.standard().named("bn1"),
          Activation.RELU.named("relu"),
          convolution(width, 3).padding(1).named("conv2"),
          BatchNorm2d.standard().named("bn2"));
    }

    private Layer bottleneckBody() {
      return Sequential.of(
          convolution(width, 1).named("conv1"),
          BatchNorm2d.standard().named("bn1"),
          Activation.RELU.named("relu"),
          convolution(width, 3).stride(stride).padding(dilation).dilation(dilation).named("conv2"),
          BatchNorm2d.standard().named("bn2"),
          Activation.RELU.named("relu"),
          convolution(4 * width, 1).named("conv3"),
          BatchNorm2d.standard().named("bn3"));
    }
  }
}

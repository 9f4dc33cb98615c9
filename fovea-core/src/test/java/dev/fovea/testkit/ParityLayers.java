package dev.fovea.testkit;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Interpolation;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.ConvTranspose2d;
import dev.fovea.layer.Crop2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Layer;
import dev.fovea.layer.LayerNorm;
import dev.fovea.layer.LeakyRelu;
import dev.fovea.layer.Linear;
import dev.fovea.layer.LocalResponseNorm;
import dev.fovea.layer.Losses;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Maxout;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.Softmax;
import dev.fovea.layer.Subsample2d;
import dev.fovea.layer.Upsample;
import dev.fovea.layer.WeightInit;
import dev.fovea.layer.ZeroPad2d;
import dev.fovea.tensor.Shape;

/** Builds one case of {@code ops.json} as a layer of Fovea, or from operators if there is none. */
record ParityLayers(GraphBuilder g, ParityOp c) {
  Value write() {
    return switch (c.op()) {
      case "conv2d" -> layer(conv());
      case "conv_transpose2d" -> transposed();
      case "max_pool2d" -> layer(new MaxPool2d(pool(even("padding")).dilation(first("dilation"), second("dilation"))));
      case "avg_pool2d" -> layer(new AvgPool2d(pool(even("padding")), c.flag("count_include_pad", true)));
      case "zero_padded_max_pool2d" -> layer(Sequential.of(zeros(), new MaxPool2d(pool(0, 0, 0, 0))));
      case "zero_padded_avg_pool2d" -> layer(Sequential.of(zeros(), new AvgPool2d(pool(0, 0, 0, 0), false)));
      case "adaptive_avg_pool2d" -> layer(AdaptiveAvgPool2d.of(first("output"), second("output")));
      case "trainable_pool2d" ->
          layer(new Subsample2d(Window.of(first("kernel"), second("kernel")).stride(first("kernel"), second("kernel"))));
      case "lrn" -> layer(new LocalResponseNorm(size(), c.number("alpha", 0), c.number("beta", 0), c.number("k", 0)));
      case "lrn_paper" -> layer(LocalResponseNorm.paper(size(), c.number("alpha", 0), c.number("beta", 0), c.number("k", 0)));
      case "batch_norm" -> layer(new BatchNorm2d(c.number("eps", 1e-5), c.number("momentum", 0.1)));
      // the file has no epsilon; its values are those of 1e-6, as in ConvNeXt
      case "layer_norm" -> layer(new LayerNorm(c.shape("x").rank() - 1, c.number("eps", 1e-6)));
      case "linear" -> layer(Linear.of(c.shape("weight").dim(0)).bias(c.has("bias")));
      case "softmax" -> layer(new Softmax());
      case "log_softmax" -> g.op(new Op.LogSoftmax(), in("x"));
      case "sigmoid" -> layer(Activation.SIGMOID);
      case "tanh" -> layer(Activation.TANH);
      case "scaled_tanh" -> layer(Activation.SCALED_TANH);
      case "relu" -> layer(Activation.RELU);
      case "relu6" -> layer(Activation.RELU6);
      case "leaky_relu" -> layer(new LeakyRelu(c.number("slope", 0.01)));
      case "elu" -> c.number("alpha", 1) == 1 ? layer(Activation.ELU) : g.op(new Op.Elu((float) c.number("alpha", 1)), in("x"));
      case "gelu" -> layer(c.text("approximate", "none").equals("tanh") ? Activation.GELU_TANH : Activation.GELU);
      case "silu" -> layer(Activation.SILU);
      case "hardswish" -> layer(Activation.HARD_SWISH);
      case "hardsigmoid" -> layer(Activation.HARD_SIGMOID);
      case "softplus" -> layer(Activation.SOFTPLUS);
      case "maxout" -> layer(Maxout.of((int) c.number("pieces", 2)));
      case "dropout" -> layer(new Dropout(c.number("p", 0.5)));
      case "bilinear" -> resized(c.flag("align_corners", false) ? Interpolation.BILINEAR_CORNERS : Interpolation.BILINEAR);
      case "nearest" -> resized(Interpolation.NEAREST);
      case "crop" -> layer(new Crop2d(first("offset"), second("offset"), first("size"), second("size")));
      case "concat" -> g.op(new Op.Concat(), in("x"), in("y"));
      case "add" -> g.add(in("x"), in("y"));
      case "mul" -> g.mul(in("x"), in("y"));
      case "rbf" -> rbf();
      default -> loss();
    };
  }

  private Value loss() {
    return switch (c.op()) {
      case "cross_entropy" -> crossEntropy();
      case "bce_with_logits" -> g.op(new Op.SigmoidCrossEntropyLoss(), in("logits"), in("target"));
      case "mse_loss" -> Losses.mse(g, in("x"), in("target"));
      case "multi_margin_loss" -> Losses.hinge(g, in("logits"), in("labels"), 1);
      case "focal_loss" -> Losses.focal(g, in("logits"), in("labels"), c.number("gamma", 2));
      case "dice_loss" -> Losses.dice(g, in("logits"), in("labels"));
      default -> throw new IllegalArgumentException("no layer or operator for " + c.op());
    };
  }

  /** An input of the file. */
  private Value in(String name) {
    return g.input(name, c.shape(name));
  }

  private Value layer(Layer layer) {
    return layer.apply(g, in("x"));
  }

  private int size() {
    return (int) c.number("size", 5);
  }

  private int first(String attribute) {
    return c.list(attribute, 1, 1)[0];
  }

  private int second(String attribute) {
    return c.list(attribute, 1, 1)[1];
  }

  /** A pair of paddings as top, left, bottom, right. */
  private int[] even(String attribute) {
    int[] pair = c.list(attribute, 0, 0);
    return new int[] {pair[0], pair[1], pair[0], pair[1]};
  }

  private ZeroPad2d zeros() {
    int[] pads = c.list("pads", 0, 0, 0, 0);
    return new ZeroPad2d(pads[0], pads[1], pads[2], pads[3]);
  }

  private Window window(int[] pads) {
    Shape weight = c.shape("weight");
    return Window.of(weight.dim(2), weight.dim(3))
        .stride(first("stride"), second("stride"))
        .padding(pads[0], pads[1], pads[2], pads[3])
        .dilation(first("dilation"), second("dilation"));
  }

  private Window pool(int... pads) {
    return Window.of(first("kernel"), second("kernel"))
        .stride(first("stride"), second("stride"))
        .padding(pads[0], pads[1], pads[2], pads[3])
        .ceil(c.flag("ceil_mode", false));
  }

  private Conv2d conv() {
    int groups = (int) c.number("groups", 1);
    return new Conv2d(c.shape("weight").dim(0), window(c.list("pads", 0, 0, 0, 0)), groups, c.has("bias"), WeightInit.TORCH);
  }

  /** The layer, or the operator if rows and columns have different output padding. */
  private Value transposed() {
    int[] extra = c.list("output_padding", 0, 0);
    int groups = (int) c.number("groups", 1);
    Window window = window(even("padding"));
    if (extra[0] != extra[1]) {
      return g.op(new Op.ConvTranspose(window, groups, extra[0], extra[1]), in("x"), in("weight"), in("bias"));
    }
    return layer(new ConvTranspose2d(c.shape("weight").dim(1) * groups, window, extra[0], groups, c.has("bias")));
  }

  /** The layer for an integer scale, else the operator with a reference. */
  private Value resized(Interpolation how) {
    Shape x = c.shape("x");
    int h = first("size");
    int w = second("size");
    int scale = h / x.dim(2);
    if (h == scale * x.dim(2) && w == scale * x.dim(3)) {
      return layer(new Upsample(how, scale));
    }
    return g.op(new Op.Resize(how, 1), in("x"), g.op(new Op.Fill(Shape.of(1, 1, h, w), 0)));
  }

  private Value crossEntropy() {
    Value logits = in("logits");
    Value labels = in("labels");
    double smoothing = c.number("label_smoothing", 0);
    int ignored = (int) c.number("ignore_index", -1);
    Value mean = c.has("class_weight")
        ? Losses.crossEntropy(g, logits, labels, smoothing, ignored, in("class_weight"))
        : Losses.crossEntropy(g, logits, labels, smoothing, ignored);
    return c.text("reduction", "mean").equals("sum") ? g.mul(mean, g.number(g.shape(labels).size())) : mean;
  }

  /** The squared distances |x|^2 - 2 x w + |w|^2. */
  private Value rbf() {
    Value x = in("x");
    Value w = in("weight");
    Value ones = g.op(new Op.Fill(Shape.of(1, g.shape(x).dim(1)), 1));
    Value xx = g.op(new Op.Gemm(false, true), g.mul(x, x), ones);
    Value ww = g.op(new Op.Gemm(false, true), ones, g.mul(w, w));
    Value xw = g.mul(g.op(new Op.Gemm(false, true), x, w), g.number(-2));
    return g.add(g.add(xw, xx), ww);
  }
}

package dev.fovea.graph;

import dev.fovea.tensor.Shape;

/**
 * An operator: what a node does, never how. Names are ONNX's where ONNX has the operator. TestImages are NCHW, weights are
 * {@code [out, in/groups, kh, kw]}, convolution is cross-correlation as everywhere in the field. Nothing that follows from the
 * inputs' shapes is stored here, so a forward graph can be replayed at another batch or image size.
 *
 * <p>Adding one: write the record, and javac or a test names every table that misses it (docs/add-an-operator.md).
 */
public sealed interface Op {

  /** Where numbers enter a graph. */
  sealed interface Source extends Op {}

  /** What layers write. */
  sealed interface Forward extends Op {}

  /**
   * What {@link Gradients} and {@link Rewrite#training} write; some know sizes, since both come after the shapes are bound. They
   * are never stored and have no gradients of their own.
   */
  sealed interface Adjoint extends Op {}

  /** A tensor given at each run. */
  record Input(String name, Shape shape) implements Source {}

  /** A tensor of {@link Parameters}. One that is not trainable has no gradient and no weight decay. */
  record Param(String name, Shape shape, Init init, boolean trainable) implements Source {}

  /** The same number everywhere. */
  record Fill(Shape shape, float value) implements Source {}

  /** Inputs x {@code [N, C, H, W]}, weight {@code [K, C/groups, kh, kw]}, and at will bias {@code [K]}. */
  record Conv(Window window, int groups) implements Forward {}

  /**
   * The adjoint of {@link Conv}, and a layer in its own right. Inputs x {@code [N, K, H, W]}, weight {@code [K, C/groups, kh, kw]},
   * and at will bias {@code [C]}; the output has {@code (H - 1) * stride + extent - pads + extra} rows.
   *
   * @param extraH rows at the bottom that only the output size asks for (PyTorch's output padding)
   */
  record ConvTranspose(Window window, int groups, int extraH, int extraW) implements Forward {}

  /** The largest of each window; padding never wins. */
  record MaxPool(Window window) implements Forward {}

  /** The mean of each window. With {@code countPadding} the padding's zeros count; what ceil adds beyond it never does. */
  record AveragePool(Window window, boolean countPadding) implements Forward {}

  /** {@code h x w} means over windows that cover the image: rows {@code floor(i H / h)} to {@code ceil((i + 1) H / h)}. */
  record AdaptiveAveragePool(int h, int w) implements Forward {}

  /** The largest of each of the same windows. */
  record AdaptiveMaxPool(int h, int w) implements Forward {}

  /**
   * Inputs x and a number for each window of x: the first winner of each window receives its number, all else is zero. Undoes a max
   * pool (Zeiler et al. 2011), and is its adjoint; where windows overlap, numbers that meet are added.
   */
  record MaxUnpool(Window window) implements Forward {}

  /** Inputs key and x: of each window the element of x where the key is largest, the first of equals. Adjoint to {@link MaxUnpool}. */
  record MaxPick(Window window) implements Forward {}

  /**
   * Each element over an exponential random number of its own: who has the largest quotient of a window is element i with
   * probability {@code x_i / sum x}, which is what stochastic pooling asks for (Zeiler, Fergus 2013). It has no gradient.
   */
  record Race(String name) implements Forward {}

  /**
   * A convolution whose weights are not shared: each place of the output has its own. Inputs x {@code [N, C, H, W]} and weight
   * {@code [Ho, Wo, K, C, kh, kw]}; so the size of the image is fixed.
   */
  record LocalConv(Window window) implements Forward {}

  /** Matrix product of two matrices, each at will read transposed, plus at will a row vector. */
  record Gemm(boolean transA, boolean transB) implements Forward {}

  /** {@code [N, ...]} becomes {@code [N, the rest]}. */
  record Flatten() implements Forward {}

  /** {@code [N, ...]} becomes {@code [N, image...]}: the same numbers under another shape. */
  record Reshape(Shape image) implements Forward {}

  /** Any number of operands, equal but for axis 1, one behind the other along it. */
  record Concat() implements Forward {}

  /** Places {@code from} up to, not including, {@code to} of an axis. */
  record Slice(int axis, int from, int to) implements Forward {}

  /** Zeros before and after what lies along an axis; the adjoint of {@link Slice}, as that is of it. */
  record Pad(int axis, int before, int after) implements Forward {}

  /** Zeros at the bottom and the right until height and width are multiples: what tutorials tell to do before odd sizes are pooled. */
  record PadToMultiple(int multiple) implements Forward {}

  /** Inputs x and a reference: the window of x of the reference's height and width at that offset (Caffe's Crop). */
  record Crop(int top, int left) implements Forward {}

  /** How {@link Resize} finds what lies between pixels. */
  enum Interpolation {
    /** The pixel at {@code floor(i h / H)}. */
    NEAREST,
    /** Reads at {@code (i + 0.5) h / H - 0.5}, clamped at the border; shrinking does not smooth. */
    BILINEAR,
    /** Reads at {@code i (h - 1) / (H - 1)}: corners meet corners (PyTorch's align_corners). */
    BILINEAR_CORNERS
  }

  /** An image {@code scale} times as high and wide or, given a second operand, of that one's height and width. */
  record Resize(Interpolation interpolation, int scale) implements Forward {}

  /** Sum; the second operand broadcasts onto the first. */
  record Add() implements Forward {}

  /** Product by elements; the second operand broadcasts onto the first. */
  record Mul() implements Forward {}

  record Relu() implements Forward {}

  record LeakyRelu(float slope) implements Forward {}

  record Sigmoid() implements Forward {}

  record Tanh() implements Forward {}

  /** At least {@code min}, at most {@code max}; neither is -0, so that a comparison tells which of two numbers is meant. */
  record Clip(float min, float max) implements Forward {
    public Clip {
      min += 0f;
      max += 0f;
    }
  }

  /** x, or {@code alpha (exp(x) - 1)} below zero. */
  record Elu(float alpha) implements Forward {}

  /** {@code log(1 + exp(x))}. */
  record Softplus() implements Forward {}

  /** The error function. */
  record Erf() implements Forward {}

  record Exp() implements Forward {}

  /** {@code x^exponent}; of a number below zero only a whole exponent has one. */
  record Pow(float exponent) implements Forward {}

  /** The largest of each {@code pieces} channels that follow one another (Goodfellow et al. 2013). */
  record Maxout(int pieces) implements Forward {}

  /** The sum along an axis, which stays with size 1. */
  record Sum(int axis) implements Forward {}

  /** The mean of all numbers, a scalar. */
  record Mean() implements Forward {}

  /** Class numbers {@code [N, ...]} to {@code [N, classes, ...]}: 1 at the class, else 0; no class is all zeros. */
  record OneHot(int classes) implements Forward {}

  /** {@code x / (k + alpha / size * sum of x^2 over size channels around)^beta}; channels {@code c - size/2 .. c + (size-1)/2}. */
  record Lrn(int size, float alpha, float beta, float k) implements Forward {}

  /**
   * {@code (x - mean) / sqrt(variance + epsilon) * scale + bias} by channel. Inputs x {@code [N, C, ...]}, and {@code [C]} each
   * scale, bias, mean, variance. Stored with running statistics, which are parameters; {@link Rewrite#training} puts the batch's in
   * their place and moves the running ones by {@code momentum}.
   */
  record BatchNormalization(float epsilon, float momentum) implements Forward {}

  /**
   * Each row less its mean, over its std {@code sqrt(variance + epsilon)}. The numbers from {@code axis} on make a row; with
   * {@code groups} axis {@code axis} is first split into so many rows.
   */
  record RowNormalization(int axis, int groups, float epsilon) implements Forward {}

  /** What {@link Dropout} drops as one. */
  enum Unit {
    ELEMENT,
    CHANNEL,
    IMAGE;

    /** Numbers of one unit. */
    public int size(Shape x) {
      return switch (this) {
        case ELEMENT -> 1;
        case CHANNEL -> x.sizeFrom(2);
        case IMAGE -> x.sizeFrom(1);
      };
    }
  }

  /**
   * Zeroes each unit with probability {@code rate} and divides the others by {@code 1 - rate} (Srivastava et al. 2014, inverted).
   * The mask is a function of the run's random key, the name and the unit's index, so nothing is stored and its own adjoint is
   * itself.
   */
  record Dropout(String name, float rate, Unit unit) implements Forward {
    public Dropout(String name, float rate) {
      this(name, rate, Unit.ELEMENT);
    }
  }

  /** Along axis 1. */
  record Softmax() implements Forward {}

  /** Along axis 1. */
  record LogSoftmax() implements Forward {}

  /**
   * Inputs logits {@code [N, C, ...]}, class numbers {@code [N, ...]} and at will a weight for each class {@code [C]}. The mean over
   * places of the class's weight times -log softmax at the class, a scalar; the mean divides by the sum of the weights.
   *
   * @param smoothing the share of the true class that is spread evenly over all classes (Szegedy et al. 2016, section 7)
   * @param ignored places with this number for a class do not count; where none counts the loss is 0
   */
  record SoftmaxCrossEntropyLoss(float smoothing, int ignored) implements Forward {
    public SoftmaxCrossEntropyLoss() {
      this(0, -1);
    }
  }

  /** Inputs logits and targets in [0, 1], as many; the mean of {@code max(z, 0) - z t + log(1 + exp(-|z|))}, a scalar. */
  record SigmoidCrossEntropyLoss() implements Forward {}

  /** Inputs x and the gradient of a convolution's output; what its weight receives. */
  record ConvWeightGrad(Window window, int groups) implements Adjoint {}

  record AveragePoolGrad(Window window, boolean countPadding, int h, int w) implements Adjoint {}

  /** Inputs x and the gradient of its adaptive max pool. */
  record AdaptiveMaxPoolGrad(int h, int w) implements Adjoint {}

  /** Of an image of {@code h x w} that was pooled. */
  record AdaptiveAveragePoolGrad(int h, int w) implements Adjoint {}

  /** Of an image of {@code h x w} that was resized. */
  record ResizeGrad(Interpolation interpolation, int h, int w) implements Adjoint {}

  /** Inputs the gradient of the output, and the weight. */
  record LocalConvInputGrad(Window window, int h, int w) implements Adjoint {}

  /** Inputs x and the gradient of the output. */
  record LocalConvWeightGrad(Window window) implements Adjoint {}

  /** The mean of each channel of {@code [N, C, ...]}. */
  record BatchMean() implements Adjoint {}

  /** Inputs x and its {@link BatchMean}: the mean square distance from it. */
  record BatchVariance() implements Adjoint {}

  /** Inputs x, dy, mean, variance: what a batch normalisation's scale receives. */
  record BatchNormalizationScaleGrad(float epsilon) implements Adjoint {}

  /**
   * Inputs dy, scale, variance: what x receives where the statistics are constants. Four more, x, mean and what scale and bias
   * received: where they are x's own, through which x receives too.
   */
  record BatchNormalizationGrad(float epsilon) implements Adjoint {}

  /** Inputs x and dy, as in the three that follow. */
  record RowNormalizationGrad(int axis, int groups, float epsilon) implements Adjoint {}

  record LrnGrad(int size, float alpha, float beta, float k) implements Adjoint {}

  record MaxoutGrad(int pieces) implements Adjoint {}

  record ClipGrad(float min, float max) implements Adjoint {}

  /** Sums over the axes along which {@code shape} would broadcast. */
  record SumTo(Shape shape) implements Adjoint {}

  /** {@code [N, C, ...]} summed to {@code [C]}: what a convolution's bias receives. */
  record ChannelSum() implements Adjoint {}

  /** Inputs y and dy, as in those that follow. */
  record ReluGrad() implements Adjoint {}

  record LeakyReluGrad(float slope) implements Adjoint {}

  record EluGrad(float alpha) implements Adjoint {}

  record SigmoidGrad() implements Adjoint {}

  record TanhGrad() implements Adjoint {}

  record SoftmaxGrad() implements Adjoint {}

  record LogSoftmaxGrad() implements Adjoint {}

  /** Inputs logits, class numbers, the loss's own gradient, and the weights if any. */
  record SoftmaxCrossEntropyGrad(float smoothing, int ignored) implements Adjoint {}

  /** Inputs logits, targets and the loss's own gradient. */
  record SigmoidCrossEntropyGrad() implements Adjoint {}

  /** The operator's name alone, {@code Conv}: ONNX's op_type. */
  default String type() {
    return getClass().getSimpleName();
  }
}

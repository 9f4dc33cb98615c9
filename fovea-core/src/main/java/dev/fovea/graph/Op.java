package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * An operator: what a node computes, not how. Names are ONNX's if ONNX has the operator. Feature maps are NCHW, weights are
 * {@code [out, in/groups, kh, kw]}, convolution is cross-correlation, as in all frameworks. Nothing that follows from the
 * inputs' shapes is stored here, so a forward graph can be rebuilt for another batch or image size.
 *
 * <p>To add one, write the record; javac or a test then names every table that lacks it (docs/add-an-operator.md).
 */
public sealed interface Op {

  /** A value without operands: an input, a parameter or a constant. */
  sealed interface Source extends Op {}

  /** Operators that layers append. */
  sealed interface Forward extends Op {}

  /**
   * Operators that {@link Gradients} and {@link Rewrite#training} append; some hold sizes, since the shapes are bound by then. They
   * are never stored and have no gradients of their own.
   */
  sealed interface Adjoint extends Op {}

  /**
   * A tensor supplied at each run.
   *
   * @param fixed the axes whose size this network cannot change, since other operators have it built in
   */
  record Input(String name, Shape shape, List<Integer> fixed) implements Source {
    public Input {
      fixed = List.copyOf(fixed);
    }

    /** An input of any size. */
    public Input(String name, Shape shape) {
      this(name, shape, List.of());
    }
  }

  /** A tensor of {@link Parameters}. One that is not trainable has no gradient and no weight decay. */
  record Param(String name, Shape shape, Init init, boolean trainable) implements Source {}

  /** A constant tensor, all elements equal. */
  record Fill(Shape shape, float value) implements Source {}

  /** Inputs x {@code [N, C, H, W]}, weight {@code [K, C/groups, kh, kw]}, and optionally bias {@code [K]}. */
  record Conv(Window window, int groups) implements Forward {}

  /**
   * The adjoint of {@link Conv}, and a layer in its own right. Inputs x {@code [N, K, H, W]}, weight {@code [K, C/groups, kh, kw]},
   * and optionally bias {@code [C]}; the output has {@code (H - 1) * stride + extent - pads + extra} rows.
   *
   * @param extraH additional rows at the bottom of the output (PyTorch's output padding)
   */
  record ConvTranspose(Window window, int groups, int extraH, int extraW) implements Forward {}

  /** The maximum of each window; padding counts as minus infinity. */
  record MaxPool(Window window) implements Forward {}

  /**
   * The mean of each window. With {@code countPadding} the padding's zeros count; rows and columns that ceil adds beyond it never
   * do.
   */
  record AveragePool(Window window, boolean countPadding) implements Forward {}

  /** {@code h x w} means over windows that cover the image: rows {@code floor(i H / h)} to {@code ceil((i + 1) H / h)}. */
  record AdaptiveAveragePool(int h, int w) implements Forward {}

  /** The maximum over the same windows. */
  record AdaptiveMaxPool(int h, int w) implements Forward {}

  /**
   * Inputs x and a value for each window of x: the first maximum of each window receives its value, the rest is zero. Inverts a max
   * pool (Zeiler et al. 2011), and is its adjoint; if windows overlap, values at the same position are added.
   */
  record MaxUnpool(Window window) implements Forward {}

  /**
   * Inputs key and x: of each window the element of x at the maximum of the key, the first of equals. Adjoint to {@link MaxUnpool}.
   */
  record MaxPick(Window window) implements Forward {}

  /**
   * Each element divided by an exponential random number of its own: the largest quotient of a window is that of element i with
   * probability {@code x_i / sum x}, as stochastic pooling requires (Zeiler, Fergus 2013). It has no gradient.
   */
  record ExponentialRace(String name) implements Forward {}

  /**
   * A convolution whose weights are not shared: each position of the output has its own. Inputs x {@code [N, C, H, W]} and weight
   * {@code [Ho, Wo, K, C, kh, kw]}; so the image size is fixed.
   */
  record LocalConv(Window window) implements Forward {}

  /** Product of two matrices, each optionally transposed, plus an optional row vector. */
  record Gemm(boolean transA, boolean transB) implements Forward {}

  /** {@code [N, ...]} becomes {@code [N, the rest]}. */
  record Flatten() implements Forward {}

  /** Product of matrices {@code [..., M, K]} and {@code [..., K, N]}; the axes before them broadcast mutually. */
  record MatMul() implements Forward {}

  /** The size of one axis that {@link Reshape} gives its result. */
  sealed interface Dim {
    record Size(int size) implements Dim {}

    /** The size of that axis of the operand. */
    record Axis(int axis) implements Dim {}

    /** What the other axes leave over. */
    record Rest() implements Dim {}
  }

  /** The same elements under another shape; at most one axis is {@link Dim.Rest}. */
  record Reshape(List<Dim> dims) implements Forward {
    public Reshape {
      dims = List.copyOf(dims);
    }

    /** {@code [N, ...]} becomes {@code [N, image...]}. */
    public static Reshape image(Shape image) {
      List<Dim> dims = new ArrayList<>(of(image).dims);
      dims.addFirst(new Dim.Axis(0));
      return new Reshape(dims);
    }

    /** To exactly that shape. */
    public static Reshape of(Shape shape) {
      return new Reshape(shape.dims().stream().<Dim>map(Dim.Size::new).toList());
    }
  }

  /** The axes in another order: axis i of the result is axis {@code perm(i)} of the operand. */
  record Transpose(List<Integer> perm) implements Forward {
    public Transpose {
      perm = List.copyOf(perm);
    }
  }

  /** Any number of operands, of equal shape except for one axis, concatenated along it. */
  record Concat(int axis) implements Forward {
    /** Along the channels. */
    public Concat() {
      this(1);
    }
  }

  /**
   * Indices {@code from} up to, not including, {@code to} of an axis. Negative ones count from its end, and as {@code to}
   * {@link Integer#MAX_VALUE} is the end, as in ONNX.
   */
  record Slice(int axis, int from, int to) implements Forward {
    /** The first index of an axis of that size. */
    public int first(int size) {
      return from < 0 ? from + size : from;
    }

    /** The index after the last of an axis of that size. */
    public int end(int size) {
      return to == Integer.MAX_VALUE ? size : to < 0 ? to + size : to;
    }
  }

  /** Zero padding before and after an axis; it and {@link Slice} are each other's adjoint. */
  record Pad(int axis, int before, int after) implements Forward {}

  /** The slices of x at those indices of an axis, in that order; an index may be absent or occur repeatedly. */
  record Gather(int axis, List<Integer> indices) implements Forward {
    public Gather {
      indices = List.copyOf(indices);
    }
  }

  /**
   * Inputs x and indices, which are integers and have x's shape except along the axis: each element is that of x at the same
   * position, but at the index given there along the axis. An index outside x is an error in {@link Reference}; an engine may
   * take the nearest one inside instead.
   */
  record GatherElements(int axis) implements Forward {}

  /** The indices of the {@code k} largest elements along an axis, the largest first, of equals the first, and NaN before any. No gradient. */
  record TopK(int axis, int k) implements Forward {}

  /** Zero padding at the bottom and the right until height and width are multiples, as tutorials do before pooling odd sizes. */
  record PadToMultiple(int multiple) implements Forward {}

  /** Inputs x and a reference: crops x to the reference's height and width at that offset (Caffe's Crop). */
  record Crop(int top, int left) implements Forward {}

  /** How {@link Resize} interpolates between pixels. */
  enum Interpolation {
    /** The pixel at {@code floor(i h / H)}. */
    NEAREST,
    /** Reads at {@code (i + 0.5) h / H - 0.5}, clamped at the border; no antialiasing on downsampling. */
    BILINEAR,
    /** Reads at {@code i (h - 1) / (H - 1)}: corners are aligned (PyTorch's align_corners). */
    BILINEAR_CORNERS
  }

  /** Resizes by {@code scale} or, given a second operand, to that operand's height and width. */
  record Resize(Interpolation interpolation, int scale) implements Forward {}

  /** Sum. Its operands and those of the next four broadcast mutually, aligned at the last axis, as in NumPy. */
  record Add() implements Forward {}

  record Mul() implements Forward {}

  record Div() implements Forward {}

  /** The larger of two elements, not a number if one is not; of equals the first receives the gradient. */
  record Max() implements Forward {}

  /** 1 where the first operand is less than the second, else 0. It has no gradient. */
  record Less() implements Forward {}

  /** Inputs condition, a and b, which broadcast mutually: a where the condition is not 0, else b. */
  record Where() implements Forward {}

  record Relu() implements Forward {}

  record LeakyRelu(float slope) implements Forward {}

  record Sigmoid() implements Forward {}

  record Tanh() implements Forward {}

  /** Clamps to {@code min} and {@code max}; neither is -0, so that a comparison alone decides between an element and a bound. */
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

  /** The natural logarithm. */
  record Log() implements Forward {}

  record Sin() implements Forward {}

  record Cos() implements Forward {}

  /** The largest integer that is not above x. It has no gradient. */
  record Floor() implements Forward {}

  /** The nearest integer, of two the even one. It has no gradient. */
  record Round() implements Forward {}

  /** {@code x^exponent}; for negative x it is defined only if the exponent is an integer. */
  record Pow(float exponent) implements Forward {}

  /** The maximum over each group of {@code pieces} consecutive channels (Goodfellow et al. 2013). */
  record Maxout(int pieces) implements Forward {}

  /** The sum along an axis, which is kept with size 1. */
  record Sum(int axis) implements Forward {}

  /** The maximum along an axis, which is kept with size 1; equal maxima share the gradient evenly. */
  record ReduceMax(int axis) implements Forward {}

  /** The mean of all elements, a scalar. */
  record Mean() implements Forward {}

  /**
   * Class indices {@code [N, ...]} to {@code [N, classes, ...]}: 1 at the class, else 0; an index outside the classes gives all
   * zeros.
   */
  record OneHot(int classes) implements Forward {}

  /**
   * {@code x / (k + alpha / size * sum of x^2 over size channels around c)^beta}; channels {@code c - size/2 .. c + (size-1)/2}.
   */
  record Lrn(int size, float alpha, float beta, float k) implements Forward {}

  /**
   * {@code (x - mean) / sqrt(variance + epsilon) * scale + bias} by channel. Inputs x {@code [N, C, ...]}, and {@code [C]} each
   * scale, bias, mean, variance. Stored with running statistics, which are parameters; {@link Rewrite#training} replaces them by
   * the batch's statistics and updates the running ones with {@code momentum}.
   */
  record BatchNormalization(float epsilon, float momentum) implements Forward {}

  /**
   * {@code (x - mean) / sqrt(variance + epsilon)} with mean and variance of each row. The axes from {@code axis} on form a row;
   * with {@code groups}, axis {@code axis} is first split into that many rows.
   */
  record RowNormalization(int axis, int groups, float epsilon) implements Forward {}

  /** The unit that {@link Dropout} drops as a whole. */
  enum Unit {
    ELEMENT,
    CHANNEL,
    IMAGE;

    /** The number of elements of one unit. */
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

  /** {@code exp(x) / sum exp(x)} along an axis. */
  record Softmax(int axis) implements Forward {
    /** Over the classes. */
    public Softmax() {
      this(1);
    }
  }

  /** The logarithm of the softmax along an axis. */
  record LogSoftmax(int axis) implements Forward {
    /** Over the classes. */
    public LogSoftmax() {
      this(1);
    }
  }

  /**
   * Inputs logits {@code [N, C, ...]}, class indices {@code [N, ...]} and optionally a weight for each class {@code [C]}. The mean
   * over positions of the class's weight times -log softmax at the class, a scalar; the mean divides by the sum of the weights.
   *
   * @param smoothing the share of the target that is spread evenly over all classes (Szegedy et al. 2016, section 7)
   * @param ignored positions with this class index do not count; if no position counts, the loss is 0
   */
  record SoftmaxCrossEntropyLoss(float smoothing, int ignored) implements Forward {
    public SoftmaxCrossEntropyLoss() {
      this(0, -1);
    }
  }

  /** Inputs logits and targets in [0, 1], of the same shape; the mean of {@code max(z, 0) - z t + log(1 + exp(-|z|))}, a scalar. */
  record SigmoidCrossEntropyLoss() implements Forward {}

  /** Inputs x and the gradient of a convolution's output; the gradient of its weight. */
  record ConvWeightGrad(Window window, int groups) implements Adjoint {}

  record AveragePoolGrad(Window window, boolean countPadding, int h, int w) implements Adjoint {}

  /** Inputs x and the gradient of its adaptive max pool. */
  record AdaptiveMaxPoolGrad(int h, int w) implements Adjoint {}

  /** The gradient of the pooled image of {@code h x w}. */
  record AdaptiveAveragePoolGrad(int h, int w) implements Adjoint {}

  /** The gradient of the resized image of {@code h x w}. */
  record ResizeGrad(Interpolation interpolation, int h, int w) implements Adjoint {}

  /** Inputs the gradient of the output, and the weight. */
  record LocalConvInputGrad(Window window, int h, int w) implements Adjoint {}

  /** Inputs x and the gradient of the output. */
  record LocalConvWeightGrad(Window window) implements Adjoint {}

  /** The mean of each channel of {@code [N, C, ...]}. */
  record BatchMean() implements Adjoint {}

  /** Inputs x and its {@link BatchMean}: the mean squared distance from it. */
  record BatchVariance() implements Adjoint {}

  /** Inputs x, dy, mean, variance: the gradient of a batch normalisation's scale. */
  record BatchNormalizationScaleGrad(float epsilon) implements Adjoint {}

  /**
   * Inputs dy, scale, variance: the gradient of x if the statistics are constants. Four more inputs, x, mean and the gradients of
   * scale and bias, if the statistics are those of x, so that the gradient includes the paths through them.
   */
  record BatchNormalizationGrad(float epsilon) implements Adjoint {}

  /** Inputs x and dy, as for the next three. */
  record RowNormalizationGrad(int axis, int groups, float epsilon) implements Adjoint {}

  record LrnGrad(int size, float alpha, float beta, float k) implements Adjoint {}

  record MaxoutGrad(int pieces) implements Adjoint {}

  record ClipGrad(float min, float max) implements Adjoint {}

  /** The gradient of the gathered slices; each is added to the slice of an axis of that size that it was taken from. */
  record GatherGrad(int axis, List<Integer> indices, int size) implements Adjoint {
    public GatherGrad {
      indices = List.copyOf(indices);
    }
  }

  /** Inputs indices and the gradient of the gathered elements, which are added along an axis of that size. */
  record GatherElementsGrad(int axis, int size) implements Adjoint {}

  /** Sums over the axes along which {@code shape} would broadcast. */
  record SumTo(Shape shape) implements Adjoint {}

  /** {@code [N, C, ...]} summed to {@code [C]}: the gradient of a convolution's bias. */
  record ChannelSum() implements Adjoint {}

  /** Inputs y and dy, as for the next six. */
  record ReluGrad() implements Adjoint {}

  record LeakyReluGrad(float slope) implements Adjoint {}

  record EluGrad(float alpha) implements Adjoint {}

  record SigmoidGrad() implements Adjoint {}

  record TanhGrad() implements Adjoint {}

  record SoftmaxGrad(int axis) implements Adjoint {}

  record LogSoftmaxGrad(int axis) implements Adjoint {}

  /** Inputs logits, class indices, the gradient of the loss, and the class weights if any. */
  record SoftmaxCrossEntropyGrad(float smoothing, int ignored) implements Adjoint {}

  /** Inputs logits, targets and the gradient of the loss. */
  record SigmoidCrossEntropyGrad() implements Adjoint {}

  /** The operator's name alone, {@code Conv}: ONNX's op_type. */
  default String type() {
    return getClass().getSimpleName();
  }
}

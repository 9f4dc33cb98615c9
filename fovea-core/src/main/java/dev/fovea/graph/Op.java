package dev.fovea.graph;

import dev.fovea.tensor.Shape;

/**
 * An operator: what a node does, never how. Names are ONNX's where ONNX has the operator. Pictures are NCHW, weights are
 * {@code [out, in/groups, kh, kw]}, convolution is cross-correlation as everywhere in the field. Nothing that follows from the
 * inputs' shapes is stored here, so a forward graph can be replayed at another batch or image size.
 *
 * <p>Adding one: write the record, and javac names every table that misses it (docs/add-an-operator.md).
 */
public sealed interface Op {

  /** Where numbers enter a graph. */
  sealed interface Source extends Op {}

  /** What layers write. */
  sealed interface Forward extends Op {}

  /** What {@link Gradients} writes; some know sizes, since gradients are derived after the shapes are bound. */
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

  /** Matrix product of two matrices, each at will read transposed, plus at will a row vector. */
  record Gemm(boolean transA, boolean transB) implements Forward {}

  /** {@code [N, ...]} becomes {@code [N, the rest]}. */
  record Flatten() implements Forward {}

  /** Sum; the second operand broadcasts onto the first. */
  record Add() implements Forward {}

  /** Product by elements; the second operand broadcasts onto the first. */
  record Mul() implements Forward {}

  record Relu() implements Forward {}

  record LeakyRelu(float slope) implements Forward {}

  record Sigmoid() implements Forward {}

  record Tanh() implements Forward {}

  /**
   * Zeroes each element with probability {@code rate} and divides the others by {@code 1 - rate} (Srivastava et al. 2014, inverted).
   * The mask is a function of the run's random key, the name and the index, so nothing is stored and its own adjoint is itself.
   */
  record Dropout(String name, float rate) implements Forward {}

  /** Along axis 1. */
  record Softmax() implements Forward {}

  /** Along axis 1. */
  record LogSoftmax() implements Forward {}

  /** Inputs logits {@code [N, C, ...]} and class numbers {@code [N, ...]}; the mean of -log softmax at the class, a scalar. */
  record SoftmaxCrossEntropyLoss() implements Forward {}

  /** Inputs logits and targets in [0, 1], as many; the mean of {@code max(z, 0) - z t + log(1 + exp(-|z|))}, a scalar. */
  record SigmoidCrossEntropyLoss() implements Forward {}

  /** Inputs x and the gradient of a convolution's output; what its weight receives. */
  record ConvWeightGrad(Window window, int groups) implements Adjoint {}

  /** Inputs x and the gradient of its max pool; the first winner of each window receives it. */
  record MaxPoolGrad(Window window) implements Adjoint {}

  record AveragePoolGrad(Window window, boolean countPadding, int h, int w) implements Adjoint {}

  /** The same numbers under another shape. */
  record Reshape(Shape shape) implements Adjoint {}

  /** Sums over the axes along which {@code shape} would broadcast. */
  record SumTo(Shape shape) implements Adjoint {}

  /** {@code [N, C, ...]} summed to {@code [C]}: what a convolution's bias receives. */
  record ChannelSum() implements Adjoint {}

  /** Inputs y and dy, as in the four that follow. */
  record ReluGrad() implements Adjoint {}

  record LeakyReluGrad(float slope) implements Adjoint {}

  record SigmoidGrad() implements Adjoint {}

  record TanhGrad() implements Adjoint {}

  record SoftmaxGrad() implements Adjoint {}

  record LogSoftmaxGrad() implements Adjoint {}

  /** Inputs logits, class numbers and the loss's own gradient. */
  record SoftmaxCrossEntropyGrad() implements Adjoint {}

  /** Inputs logits, targets and the loss's own gradient. */
  record SigmoidCrossEntropyGrad() implements Adjoint {}

  /** The operator's name alone, {@code Conv}: ONNX's op_type. */
  default String type() {
    return getClass().getSimpleName();
  }
}

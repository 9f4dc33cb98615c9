package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Arrays;

/**
 * A convolution as a fully connected layer: a matrix {@code [K * Ho * Wo, C * H * W]} that is mostly zeros, since an output reads
 * only its window, with repeated blocks, since the windows share their weights. For teaching with small shapes: it needs a weight
 * for each pair of an output and an input.
 *
 * @param input the image, C x H x W
 */
public record UnrolledConv2d(Conv2d conv, Shape input) implements Layer {
  /** A larger matrix, of more than 256 MB, is refused. */
  public static final long MAX_ENTRIES = 64_000_000;

  public UnrolledConv2d {
    if (input.rank() != 3) {
      throw new FoveaException("an unrolled convolution expects an image of C x H x W, got " + input);
    }
    Window w = conv.window();
    long rows = (long) conv.outChannels() * w.outH(input.dim(1)) * w.outW(input.dim(2));
    if (rows * input.size() > MAX_ENTRIES) {
      throw new FoveaException(
          "unrolled, a convolution of " + input + " to " + conv.outChannels() + " maps is a matrix of " + rows + " x "
              + input.size()
              + ", " + rows * input.size() + " entries; the limit is " + MAX_ENTRIES + ": use a smaller image");
    }
  }

  /** The output, K x Ho x Wo. */
  public Shape output() {
    Window w = conv.window();
    return Shape.of(conv.outChannels(), w.outH(input.dim(1)), w.outW(input.dim(2)));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape out = output();
    Value weight = g.param("weight", Shape.of(out.size(), input.size()), new Init.Constant(0));
    Value y = g.op(new Op.Gemm(false, true), g.op(new Op.Flatten(), x), weight);
    Value map = g.op(Op.Reshape.image(out), y);
    return conv.bias() ? g.add(map, g.param("bias", Shape.of(out.dim(0), 1, 1), new Init.Constant(0))) : map;
  }

  /**
   * The matrix, row by row.
   *
   * @param weights of the convolution, {@code [K, C/groups, F, F]}
   */
  public float[] matrix(float[] weights) {
    float[] matrix = new float[output().size() * input.size()];
    int[] sources = sources();
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = sources[i] < 0 ? 0 : weights[sources[i]];
    }
    return matrix;
  }

  /** For each entry of the matrix the index of the weight that it copies; -1 for a zero. */
  private int[] sources() {
    Shape out = output();
    Window w = conv.window();
    int perGroup = input.dim(0) / conv.groups();
    int area = w.kernelH() * w.kernelW();
    int[] sources = new int[out.size() * input.size()];
    Arrays.fill(sources, -1);
    for (int row = 0; row < out.size(); row++) {
      int k = row / out.sizeFrom(1);
      int firstChannel = k / (out.dim(0) / conv.groups()) * perGroup;
      for (int t = 0; t < perGroup * area; t++) {
        int h = w.rowOf(row / out.dim(2) % out.dim(1)) + t % area / w.kernelW() * w.dilationH();
        int v = w.columnOf(row % out.dim(2)) + t % w.kernelW() * w.dilationW();
        if (h >= 0 && h < input.dim(1) && v >= 0 && v < input.dim(2)) {
          int column = ((firstChannel + t / area) * input.dim(1) + h) * input.dim(2) + v;
          sources[row * input.size() + column] = k * perGroup * area + t;
        }
      }
    }
    return sources;
  }

  /** The fraction of the matrix's entries that are zero because no window reads the input. */
  public double zeros() {
    int[] sources = sources();
    return (double) Arrays.stream(sources).filter(s -> s < 0).count() / sources.length;
  }

  /** The number of distinct weights in the matrix, except zero. */
  public int distinct() {
    return (int) Arrays.stream(sources()).filter(s -> s >= 0).distinct().count();
  }
}

package dev.fovea.testkit;

import dev.fovea.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * The value rule of the parity files: every weight, input, label and sample position is a function of a name and an index
 * (FNV-1a of the name, then SplitMix64). All values are float32 values, returned as doubles.
 */
public final class ParityRule {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private ParityRule() {}

  /** The 64-bit FNV-1a hash of the name's UTF-8 bytes. */
  public static long fnv1a64(String name) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001B3L;
    }
    return hash;
  }

  /** The 24 random bits of element {@code index} of that name. */
  public static int bits24(String name, long index) {
    return bits24(fnv1a64(name), index);
  }

  /** Uniform in [0, 1), a multiple of 2^-24. */
  public static float u(String name, long index) {
    return bits24(name, index) * 0x1p-24f;
  }

  /** The tensor of a kind without a fan-in: {@code signed}, {@code bias}, {@code labels 10}. */
  public static double[] values(String kind, String name, Shape shape) {
    return values(kind, name, shape, 1);
  }

  /** The tensor of that kind and name, row-major. {@code fanIn} counts only for convolutions and linear layers. */
  public static double[] values(String kind, String name, Shape shape, double fanIn) {
    if (kind.equals("bilinear")) {
      return bilinear(shape);
    }
    float bound = (float) Math.sqrt(6 / fanIn);
    if (kind.startsWith("labels ")) {
      float classes = Float.parseFloat(kind.substring("labels ".length()));
      return each(name, shape, u -> (int) ((float) u * classes));
    }
    return switch (kind) {
      case "signed" -> each(name, shape, u -> 2 * u - 1);
      case "wide" -> each(name, shape, u -> (2 * u - 1) * 8);
      case "huge" -> each(name, shape, u -> (2 * u - 1) * 512);
      case "unit" -> each(name, shape, u -> u);
      case "conv", "linear", "convtranspose" -> each(name, shape, u -> (2 * (float) u - 1) * bound);
      case "bias", "running_mean" -> each(name, shape, u -> (2 * (float) u - 1) * 0.1f);
      case "scale", "running_var" -> each(name, shape, u -> 0.75f + 0.5f * (float) u);
      default -> throw new IllegalArgumentException("no kind of values is called " + kind);
    };
  }

  /** The index of sample {@code k} in a tensor of {@code size} elements. */
  public static int samplePosition(int k, int size) {
    return (int) (((long) bits24("sample", k) * size) >>> 24);
  }

  private static double[] each(String name, Shape shape, DoubleUnaryOperator value) {
    long hash = fnv1a64(name);
    double[] values = new double[shape.size()];
    Arrays.setAll(values, i -> value.applyAsDouble(bits24(hash, i) * 0x1p-24));
    return values;
  }

  private static int bits24(long hash, long index) {
    long z = hash + index * GOLDEN + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (int) ((z ^ (z >>> 31)) >>> 40);
  }

  /** The weight {@code [C, C, k, k]} of a transposed convolution that interpolates each channel separately. */
  private static double[] bilinear(Shape shape) {
    int channels = shape.dim(0);
    int k = shape.dim(2);
    int factor = (k + 1) / 2;
    double middle = k % 2 == 1 ? factor - 1 : factor - 0.5;
    double[] values = new double[shape.size()];
    for (int c = 0; c < channels; c++) {
      for (int at = 0; at < k * k; at++) {
        int row = at / k;
        int column = at % k;
        values[(c * channels + c) * k * k + at] =
            (float) ((1 - Math.abs(row - middle) / factor) * (1 - Math.abs(column - middle) / factor));
      }
    }
    return values;
  }
}

package dev.fovea.formats.onnx.call;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Value;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known about values that stand for integers. Between DequantizeLinear and QuantizeLinear a file computes with reals; an
 * engine of integers rounds the exact sums of their products, so the importer does too where it knows the integers.
 */
public final class Quantities {
  /** {@code scale (integers - zero)}; {@code moved} is {@code integers - zero}. */
  public record Scaled(Value integers, float zero, float scale, Value moved) {}

  /** Weights {@code scale (integers - zero)} with a scale for all or for each slice of an axis. */
  public record Weights(Array integers, @Nullable Array zero, Array scale, int axis) {}

  /** Sums of products of integers, and what they are multiplied by: one number, or one for each channel. */
  public record Sums(Value integers, Array factors) {}

  /** The sum of two scaled values. */
  public record Pair(Scaled a, Scaled b) {}

  private final Map<Value, Scaled> scaled = new HashMap<>();
  private final Map<Value, Sums> sums = new HashMap<>();
  private final Map<Value, Pair> pairs = new HashMap<>();
  private final IdentityHashMap<Object, Weights> weights = new IdentityHashMap<>();

  /** The values that DequantizeLinear computes. */
  public Map<Value, Scaled> scaled() {
    return scaled;
  }

  /** The results of convolutions of those. */
  public Map<Value, Sums> sums() {
    return sums;
  }

  /** The results of additions of those. */
  public Map<Value, Pair> pairs() {
    return pairs;
  }

  /** Remembers what an array was dequantised from. */
  public void dequantised(Array reals, Array integers, @Nullable Array zero, Array scale, int axis) {
    weights.put(reals.elements(), new Weights(integers, zero, scale, axis));
  }

  /** What an array was dequantised from; null if it was not. */
  public @Nullable Weights weights(Array reals) {
    return weights.get(reals.elements());
  }
}

package dev.fovea.explain.arithmetic;

import java.util.List;
import java.util.Optional;

/** What one number was computed of: a number, times a weight if the operator multiplies. */
public record Term(Entry input, Optional<Entry> weight) {
  /**
   * An entry of a tensor that a network holds.
   *
   * @param of the layer's path, the parameter's name, or what it is the gradient of
   * @param at its place, without the batch
   */
  public record Entry(String of, List<Integer> at, float value) {
    public Entry {
      at = List.copyOf(at);
    }
  }

  /** Rounded to a float; the engine's sum adds it without that rounding, by a fused multiply-add. */
  public float product() {
    return weight.map(w -> input.value() * w.value()).orElse(input.value());
  }
}

package dev.fovea.formats.onnx.call;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.HashMap;
import java.util.Map;

/**
 * How values came about that mean more together with the node that reads them: operators that ONNX lacks are spelt out in several
 * nodes. An "other" shape or size is that of the other interpretation.
 */
public final class Origins {
  /** Indices of the maxima of windows of x. */
  public record Winners(Window window, Value x, Shape other) {}

  /** All elements of x in one axis. */
  public record Flat(Value x, Shape other) {}

  /** x where the mask is 1, minus infinity elsewhere. */
  public record Masked(Value x, Array mask) {}

  /** The nearest rows of images resized to that height. */
  public record Rows(Value x, int height, int otherHeight) {}

  private final Map<Value, Winners> winners = new HashMap<>();
  private final Map<Value, Flat> flat = new HashMap<>();
  private final Map<Value, Masked> masked = new HashMap<>();
  private final Map<Value, Rows> rows = new HashMap<>();

  public Map<Value, Winners> winners() {
    return winners;
  }

  public Map<Value, Flat> flat() {
    return flat;
  }

  public Map<Value, Masked> masked() {
    return masked;
  }

  public Map<Value, Rows> rows() {
    return rows;
  }
}

package dev.fovea.formats.onnx.call;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Range;
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

  /** The elements of x in fewer axes. */
  public record Reshaped(Value x, Shape other) {}

  /** Groups of the channels of x, each as a row that is normalised. */
  public record Groups(Value x, Shape other, int groups, float epsilon) {}

  /** x where the mask is 1, minus infinity elsewhere. */
  public record Masked(Value x, Array mask) {}

  /** The nearest rows of images resized to that height. */
  public record Rows(Value x, int height, int otherHeight) {}

  /** Rows of images x, as many as other images have; their columns may follow. */
  public record CroppedRows(Value x, Range range, Range other, boolean atEnds) {}

  private final Map<Value, Winners> winners = new HashMap<>();
  private final Map<Value, Reshaped> reshaped = new HashMap<>();
  private final Map<Value, Groups> groups = new HashMap<>();
  private final Map<Value, Masked> masked = new HashMap<>();
  private final Map<Value, Rows> rows = new HashMap<>();
  private final Map<Value, CroppedRows> croppedRows = new HashMap<>();

  public Map<Value, Winners> winners() {
    return winners;
  }

  public Map<Value, Reshaped> reshaped() {
    return reshaped;
  }

  public Map<Value, Groups> groups() {
    return groups;
  }

  public Map<Value, Masked> masked() {
    return masked;
  }

  public Map<Value, Rows> rows() {
    return rows;
  }

  public Map<Value, CroppedRows> croppedRows() {
    return croppedRows;
  }
}

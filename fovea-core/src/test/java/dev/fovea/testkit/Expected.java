package dev.fovea.testkit;

import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/**
 * The expected values of a tensor in a parity file: its elements or, for a large tensor, statistics and samples.
 *
 * @param values every element, or none if the tensor is large
 * @param samples elements at {@link ParityRule#samplePosition}
 * @param err the error of another float32 implementation from these values
 */
public record Expected(
    Shape shape, double[] values, double[] samples, OptionalDouble sum, OptionalDouble absMax, double err) {

  static Expected of(JsonNode json) {
    return new Expected(
        ParityFiles.shape(json.path("shape")),
        ParityFiles.doubles(json.path("values")),
        ParityFiles.doubles(json.path("samples")),
        ParityFiles.number(json, "sum"),
        ParityFiles.number(json, "absMax"),
        json.path("err").asDouble(0));
  }

  /** The largest element, by its absolute value. */
  public double largest() {
    return absMax.orElseGet(() -> Math.max(Compare.largest(values), Compare.largest(samples)));
  }

  /** Fails unless {@code got} equals that tensor to within {@code tolerance} at each element; for errors without a bias. */
  public void check(String what, double[] got, double tolerance) {
    check(what, got, tolerance, tolerance * Math.sqrt(got.length));
  }

  /** The same for correlated errors, as of neighbours in an upsampled map: the mean has the tolerance of an element. */
  public void checkMean(String what, double[] got, double tolerance) {
    check(what, got, tolerance, tolerance * got.length);
  }

  private void check(String what, double[] got, double tolerance, double ofSum) {
    if (got.length != shape.size()) {
      throw new AssertionError(what + ": expected " + shape + ", got " + got.length + " numbers");
    }
    if (values.length > 0) {
      Compare.values(what, values, got, tolerance);
    }
    Compare.values(what + ", samples", samples, samplesOf(got, samples.length), tolerance);
    sum.ifPresent(s -> Compare.value(what + ", sum", s, Compare.sum(got), ofSum));
    absMax.ifPresent(m -> Compare.value(what + ", largest", m, Compare.largest(got), tolerance));
  }

  static double[] samplesOf(double[] values, int count) {
    double[] samples = new double[count];
    Arrays.setAll(samples, k -> values[ParityRule.samplePosition(k, values.length)]);
    return samples;
  }
}

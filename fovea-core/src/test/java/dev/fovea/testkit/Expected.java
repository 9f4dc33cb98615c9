package dev.fovea.testkit;

import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/**
 * What a parity file says of a tensor: its elements, or where those are too many a few facts and samples.
 *
 * @param values every element, or none where the tensor is large
 * @param samples elements at {@link ParityRule#samplePosition}
 * @param err the distance of another float32 implementation from these numbers
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

  /** Fails unless {@code got} is that tensor to within {@code tolerance} at each element, where errors do not lean to one side. */
  public void check(String what, double[] got, double tolerance) {
    check(what, got, tolerance, tolerance * Math.sqrt(got.length));
  }

  /** The same for errors that may be alike, as those of neighbours in an enlarged map: the mean is held as each element is. */
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

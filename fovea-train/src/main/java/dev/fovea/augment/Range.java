package dev.fovea.augment;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/** The numbers from {@code low} to {@code high}. As text {@code 0.08..1}, or one number if both are equal. */
public record Range(double low, double high) {
  private static final Pattern NUMBER = Pattern.compile("-?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,3})?");
  private static final int MAX_LENGTH = 400;
  private static final String BETWEEN = "..";

  public Range {
    if (!Double.isFinite(low) || !Double.isFinite(high) || low > high) {
      throw new FoveaException("a range goes from a number to one that is not smaller, got " + low + " and " + high);
    }
    low += 0.0; // so that there is one zero
    high += 0.0;
  }

  /** A single number. */
  public static Range of(double value) {
    return new Range(value, value);
  }

  /** From {@code -limit} to {@code limit}. */
  static Range around(double limit) {
    return new Range(-limit, limit);
  }

  boolean isNumber() {
    return low == high;
  }

  /** A number of the range, uniformly. */
  double draw(Rng random) {
    return low + (high - low) * random.uniform(0);
  }

  /** A number of the range, whose logarithm is uniform; above 0. */
  double drawRatio(Rng random) {
    return StrictMath.exp(new Range(StrictMath.log(low), StrictMath.log(high)).draw(random));
  }

  /**
   * Parses a number, or two with {@code ..} between them.
   *
   * @throws FoveaException if the text is neither
   */
  static Range parse(String text) {
    int between = text.indexOf(BETWEEN);
    return between < 0
        ? of(number(text))
        : new Range(number(text.substring(0, between)), number(text.substring(between + BETWEEN.length())));
  }

  private static double number(String text) {
    if (text.length() <= MAX_LENGTH && NUMBER.matcher(text.strip()).matches()) {
      double value = Double.parseDouble(text.strip());
      if (Double.isFinite(value)) {
        return value;
      }
    }
    throw new FoveaException("expected a number, or two as in 0.5..1, got " + Steps.quoted(text));
  }

  private static String text(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  @Override
  public String toString() {
    return isNumber() ? text(low) : text(low) + BETWEEN + text(high);
  }
}

package dev.fovea.tune;

import dev.fovea.tensor.FoveaException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An option that is searched, with the values it may have. {@link Object#toString} is its text, which {@link #parse} reads. */
public sealed interface Dimension {
  /** From this ratio of its ends, a range is logarithmic. */
  double LOG_RATIO = 100;

  /** Options of which ratios matter, not differences. */
  Set<String> LOG_NAMES = Set.of("lr", "body-lr", "weight-decay");

  /** The maximum length of a number's text. */
  int MAX_LENGTH = 40;

  Pattern RANGE = Pattern.compile("([-+.\\deE]+)\\.\\.([-+.\\deE]+?)( lin| log)?");

  /** The option's name, without dashes. */
  String name();

  /**
   * A value.
   *
   * @param share its place in the dimension, from 0 up to, not including, 1
   */
  String at(double share);

  /** The place of a value of {@link #at}, from 0 to 1, to draw it. */
  double place(String value);

  /** Values to label an axis with, ascending. */
  List<String> ticks();

  /** The number of values; {@link Long#MAX_VALUE} if they are not counted. */
  long count();

  /** One of several values. */
  record Choices(String name, List<String> values) implements Dimension {
    public Choices {
      values = List.copyOf(values);
      if (values.size() < 2 || new HashSet<>(values).size() < values.size() || values.contains("")) {
        throw new FoveaException(name + ": expected two or more values, each once, as in 16,32,64, or a range, as in 0.001..0.1,"
            + " got '" + joined(values) + "'");
      }
    }

    @Override
    public String at(double share) {
      return values.get((int) (share * values.size()));
    }

    @Override
    public double place(String value) {
      return values.indexOf(value) / (values.size() - 1.0);
    }

    @Override
    public List<String> ticks() {
      return values;
    }

    @Override
    public long count() {
      return values.size();
    }

    @Override
    public String toString() {
      return name + "=" + joined(values);
    }

    private static String joined(List<String> values) {
      return String.join(values.stream().anyMatch(v -> v.contains(",")) ? ";" : ",", values);
    }
  }

  /**
   * Numbers from {@code low} to {@code high}, of three digits; integers, if both ends are written as such.
   *
   * @param log whether ratios are uniform, not differences
   */
  record Range(String name, BigDecimal low, BigDecimal high, boolean log) implements Dimension {
    private static final int DIGITS = 3;
    private static final double SMALLEST_PLAIN = 1e-6;

    public Range {
      double from = low.doubleValue();
      double to = high.doubleValue();
      if (!Double.isFinite(from) || !Double.isFinite(to) || from >= to) {
        throw new FoveaException(name + ": expected a range that rises, as in 0.001..0.1, got " + from + ".." + to);
      }
      if (log && from <= 0) {
        throw new FoveaException(name + ": a logarithmic range begins above 0, got " + from + ": add lin, as in " + name + "="
            + low + ".." + high + " lin");
      }
    }

    private boolean integers() {
      return low.scale() == 0 && high.scale() == 0 && low.doubleValue() >= Integer.MIN_VALUE
          && high.doubleValue() <= Integer.MAX_VALUE;
    }

    @Override
    public String at(double share) {
      double from = low.doubleValue();
      double to = high.doubleValue();
      if (integers()) {
        // half of an integer on either side, so that the ends are as likely as the others
        double value =
            log ? (from - 0.5) * StrictMath.pow((to + 0.5) / (from - 0.5), share) : from - 0.5 + share * (to - from + 1);
        return String.valueOf(Math.clamp(Math.round(value), (long) from, (long) to));
      }
      double value = log ? from * StrictMath.pow(to / from, share) : from + share * (to - from);
      BigDecimal rounded = new BigDecimal(value).round(new MathContext(DIGITS, RoundingMode.HALF_EVEN)).stripTrailingZeros();
      return text(rounded.max(low).min(high));
    }

    private static String text(BigDecimal value) {
      return value.abs().doubleValue() >= SMALLEST_PLAIN ? value.toPlainString() : value.toString().toLowerCase(Locale.ROOT);
    }

    @Override
    public double place(String value) {
      double at = Double.parseDouble(value);
      double from = low.doubleValue();
      double to = high.doubleValue();
      return log ? Math.log(at / from) / Math.log(to / from) : (at - from) / (to - from);
    }

    /** The ends, and between them the powers of ten, or the middle. */
    @Override
    public List<String> ticks() {
      Set<String> ticks = new LinkedHashSet<>();
      ticks.add(at(0));
      if (log) {
        int last = (int) Math.ceil(Math.log10(high.doubleValue())) - 1;
        for (int power = (int) Math.floor(Math.log10(low.doubleValue())) + 1; power <= last; power++) {
          ticks.add(text(BigDecimal.ONE.scaleByPowerOfTen(power)));
        }
      } else {
        ticks.add(at(0.5));
      }
      ticks.add(at(Math.nextDown(1.0)));
      return List.copyOf(ticks);
    }

    @Override
    public long count() {
      return integers() ? high.longValue() - low.longValue() + 1 : Long.MAX_VALUE;
    }

    @Override
    public String toString() {
      return name + "=" + low + ".." + high + (log ? " log" : " lin");
    }
  }

  /**
   * Parses {@code lr=1e-4..1e-1}, {@code momentum=0.8..0.99 lin}, {@code batch-size=16,32,64} or
   * {@code augment=none;flip;flip,crop}. A range is logarithmic if {@code log} follows; unless {@code lin} does, also if its upper end is
   * 100 times its lower or more, and for learning rates and weight decay.
   *
   * @throws FoveaException if the text is none of these
   */
  static Dimension parse(String text) {
    int sign = text.indexOf('=');
    if (sign < 1 || sign == text.length() - 1) {
      throw new FoveaException(
          "expected an option of fovea train and its values, as in lr=0.001..0.1 or batch-size=16,32,64, got '"
              + text + "'");
    }
    String name = text.substring(0, sign);
    String values = text.substring(sign + 1);
    Matcher range = RANGE.matcher(values);
    if (!range.matches()) {
      return new Choices(name, List.of(values.split(values.contains(";") ? ";" : ",", -1)));
    }
    BigDecimal low = number(name, range.group(1));
    BigDecimal high = number(name, range.group(2));
    boolean wide = low.signum() > 0 && high.doubleValue() / low.doubleValue() >= LOG_RATIO;
    boolean log = range.group(3) == null ? wide || LOG_NAMES.contains(name) : range.group(3).equals(" log");
    return new Range(name, low, high, log);
  }

  private static BigDecimal number(String name, String text) {
    try {
      if (text.length() <= MAX_LENGTH && Double.isFinite(Double.parseDouble(text))) {
        BigDecimal number = new BigDecimal(text);
        // a double's smallest has 324 zeros
        if (Math.abs(number.scale()) < 400) {
          return number;
        }
      }
    } catch (NumberFormatException e) {
      // The message below holds for both.
    }
    throw new FoveaException(name + ": expected a number on either side of .., as in 0.001..0.1, got '" + text + "'");
  }
}

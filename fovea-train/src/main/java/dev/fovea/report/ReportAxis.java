package dev.fovea.report;

import dev.fovea.report.ReportCharts.Scale;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;

/**
 * Maps values to coordinates, from {@code start} for {@code low} to {@code end} for {@code high}.
 *
 * @param ticks the values of the tick labels, ascending
 */
record ReportAxis(double low, double high, double start, double end, boolean log, boolean percent, List<Double> ticks) {
  /** From this ratio of largest to smallest value, an axis is logarithmic, which shows small losses as well as large ones. */
  private static final double MIN_LOG_RATIO = 20;

  private static final int MAX_TICKS = 24;

  /** More do not fit beside a chart. */
  private static final int MAX_DECIMALS = 3;

  /** An axis for integers, with ticks at integers only. */
  static ReportAxis integers(DoubleSummaryStatistics values, double start, double end) {
    double low = values.getMin();
    double high = values.getMax();
    if (low == high) {
      return new ReportAxis(low - 1, high + 1, start, end, false, false, List.of(low));
    }
    double step = Math.max(1, step((high - low) / 9));
    double margin = (high - low) * 0.02;
    return new ReportAxis(low - margin, high + margin, start, end, false, false, multiples(step, low, high));
  }

  /** An axis with about five ticks, the first and last at its ends; a logarithmic one ends near the values. */
  static ReportAxis of(DoubleSummaryStatistics values, double start, double end, Scale scale) {
    boolean percent = scale == Scale.PERCENT;
    double low = values.getMin();
    double high = values.getMax();
    if (scale == Scale.AUTOMATIC && low > 0 && high / low >= MIN_LOG_RATIO) {
      return logarithmic(low / 1.2, high * 1.2, start, end);
    }
    if (high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high))) {
      double margin = percent || high == 0 ? 0.05 : Math.abs(high) * 0.1;
      low = percent ? Math.max(0, low - margin) : low - margin;
      high = percent ? Math.min(1, high + margin) : high + margin;
    }
    double step = step((high - low) / 5);
    double first = Math.floor(low / step + 1e-9) * step;
    double last = Math.ceil(high / step - 1e-9) * step;
    return new ReportAxis(first, last, start, end, false, percent, multiples(step, first, last));
  }

  /** Ticks at powers of ten, and at 2 and 5 times them if there are few. */
  private static ReportAxis logarithmic(double low, double high, double start, double end) {
    int from = (int) Math.floor(Math.log10(low));
    int to = (int) Math.ceil(Math.log10(high));
    int each = Math.max(1, (to - from) / 6);
    double[] factors = to - from <= 3 ? new double[] {1, 2, 5} : new double[] {1};
    List<Double> ticks = new ArrayList<>();
    for (int decade = from; decade <= to; decade += each) {
      for (double factor : factors) {
        double tick = factor * Math.pow(10, decade);
        if (tick >= low && tick <= high) {
          ticks.add(tick);
        }
      }
    }
    return new ReportAxis(low, high, start, end, true, false, ticks);
  }

  /** Rounds up to 1, 2 or 5 times a power of ten. */
  private static double step(double atLeast) {
    double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= atLeast * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static List<Double> multiples(double step, double low, double high) {
    double first = Math.ceil(low / step - 1e-9);
    int count = (int) Math.min(MAX_TICKS, Math.floor(high / step + 1e-9) - first + 1);
    List<Double> ticks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ticks.add((first + i) * step);
    }
    return ticks;
  }

  double coordinate(double value) {
    double share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return start + share * (end - start);
  }

  /** A tick label with the number of decimals that the tick distance needs. */
  String text(double tick) {
    if (log || ticks.size() < 2) {
      return percent ? ReportPage.percent(tick, 2) : shortest(tick);
    }
    double step = (ticks.get(1) - ticks.get(0)) * (percent ? 100 : 1);
    int decimals = (int) Math.ceil(-Math.log10(step) - 1e-6);
    if (percent) {
      return ReportPage.percent(tick, Math.clamp(decimals, 0, 4));
    }
    boolean plain = decimals <= MAX_DECIMALS && Math.abs(tick) < 1e6;
    return plain ? String.format(Locale.ROOT, "%." + Math.max(0, decimals) + "f", tick) : shortest(tick);
  }

  /** {@code 0.02}, {@code 20}, {@code 2E-5}. */
  private static String shortest(double value) {
    boolean plain = value == 0 || Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6;
    return new DecimalFormat(plain ? "0.######" : "0.##E0", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
  }
}

package dev.fovea.explain.look;

import dev.fovea.report.ReportPage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Images as points in a plane, as SVG, in the same scale along both axes, with names of classes at the middle of their points. */
final class Scatter {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 420;
  private static final int MARGIN = 34;
  private static final int COLOURS = 8;
  private static final int MAX_NAME = 14;

  /** About the width of a letter and the height of a line. */
  private static final double LETTER = 7;

  private static final double LINE = 13;

  /** A circle, a square, a triangle and a rhombus. */
  private static final List<String> SIGNS =
      List.of("M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", "M-2.7-2.7h5.4v5.4h-5.4z", "M0-3.6l3.4 6h-6.8z",
          "M0-3.8l3.8 3.8l-3.8 3.8l-3.8-3.8z");

  private Scatter() {}

  static String svg(double[][] places, int[] labels, List<String> classes, double[] share) {
    double scale = Math.min((WIDTH - 2 * MARGIN) / range(places, 0), (HEIGHT - 2 * MARGIN) / range(places, 1));
    scale = Double.isFinite(scale) ? scale : 0; // all at one place
    double[] x = scaled(places, 0, WIDTH / 2.0, scale);
    double[] y = scaled(places, 1, HEIGHT / 2.0, -scale);
    StringBuilder out = new StringBuilder("<figure class=\"chart\"><svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT
        + "\" role=\"img\" aria-label=\"Images by their first two principal components\">\n");
    for (int i = 0; i < places.length; i++) {
      out.append(String.format(Locale.ROOT,
          "<g class=\"s%d\"><path class=\"sign\" transform=\"translate(%.1f %.1f)\" d=\"%s\"><title>%s</title></path></g>\n",
          labels[i] % COLOURS, x[i], y[i], SIGNS.get(labels[i] / COLOURS % SIGNS.size()),
          ReportPage.escape("image " + i + ", " + classes.get(labels[i]))));
    }
    out.append(names(labels, classes, x, y));
    out.append(String.format(Locale.ROOT, "<text class=\"middle\" x=\"%d\" y=\"%d\">first component, %s of the variance</text>\n",
        WIDTH / 2, HEIGHT - 8, ReportPage.percent(share[0], 0)));
    out.append(String.format(Locale.ROOT,
        "<text class=\"middle\" transform=\"translate(14 %d) rotate(-90)\">second component, %s</text>\n", HEIGHT / 2,
        ReportPage.percent(share.length > 1 ? share[1] : 0, 0)));
    return out.append("</svg></figure>\n").toString();
  }

  /** At the middle of each class's points, those of the most points first; one that would cover another is left out. */
  private static String names(int[] labels, List<String> classes, double[] x, double[] y) {
    double[][] middles = new double[classes.size()][3];
    for (int i = 0; i < labels.length; i++) {
      middles[labels[i]][0] += x[i];
      middles[labels[i]][1] += y[i];
      middles[labels[i]][2]++;
    }
    List<double[]> taken = new ArrayList<>();
    StringBuilder out = new StringBuilder();
    IntStream.range(0, middles.length).filter(c -> middles[c][2] > 0).boxed()
        .sorted(Comparator.comparingDouble(c -> -middles[c][2])).forEach(c -> {
          double middle = middles[c][0] / middles[c][2];
          double base = middles[c][1] / middles[c][2];
          String name = classes.get(c).length() > MAX_NAME ? classes.get(c).substring(0, MAX_NAME - 1) + "…" : classes.get(c);
          double half = name.length() * LETTER / 2.0;
          boolean free = taken.stream().allMatch(
              other -> Math.abs(other[0] - middle) > other[2] + half || Math.abs(other[1] - base) > LINE);
          if (free) {
            taken.add(new double[] {middle, base, half});
            out.append(
                String.format(Locale.ROOT, "<text class=\"remark middle halo\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", middle, base,
                    ReportPage.escape(name)));
          }
        });
    return out.toString();
  }

  private static double[] values(double[][] places, int axis) {
    return IntStream.range(0, places.length).mapToDouble(i -> axis < places[i].length ? places[i][axis] : 0).toArray();
  }

  /** From the least to the largest. */
  private static double range(double[][] places, int axis) {
    DoubleSummaryStatistics all = Arrays.stream(values(places, axis)).summaryStatistics();
    return all.getMax() - all.getMin();
  }

  private static double[] scaled(double[][] places, int axis, double middle, double scale) {
    double[] values = values(places, axis);
    DoubleSummaryStatistics all = Arrays.stream(values).summaryStatistics();
    double centre = (all.getMin() + all.getMax()) / 2;
    return Arrays.stream(values).map(value -> middle + scale * (value - centre)).toArray();
  }
}

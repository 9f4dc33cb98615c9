package dev.fovea.explain.look;

import dev.fovea.report.ReportPage;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Images as points in a plane, as SVG, with the name of each class at the middle of its points. */
final class Scatter {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 420;
  private static final int MARGIN = 34;
  private static final int COLOURS = 8;
  private static final int MAX_NAME = 14;

  private Scatter() {}

  static String svg(double[][] places, int[] labels, List<String> classes, double[] share) {
    double[] x = scaled(places, 0, MARGIN, WIDTH - MARGIN);
    double[] y = scaled(places, 1, HEIGHT - MARGIN, MARGIN);
    StringBuilder out = new StringBuilder("<figure class=\"chart\"><svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT
        + "\" role=\"img\" aria-label=\"Images by their first two principal components\">\n");
    for (int i = 0; i < places.length; i++) {
      out.append(
          String.format(Locale.ROOT, "<g class=\"s%d\"><circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s</title></circle></g>\n",
              labels[i] % COLOURS, x[i], y[i], ReportPage.escape("image " + i + ", " + classes.get(labels[i]))));
    }
    for (int c = 0; c < classes.size(); c++) {
      int label = c;
      int[] own = IntStream.range(0, labels.length).filter(i -> labels[i] == label).toArray();
      if (own.length > 0) {
        String name = classes.get(c).length() > MAX_NAME ? classes.get(c).substring(0, MAX_NAME - 1) + "…" : classes.get(c);
        out.append(String.format(Locale.ROOT, "<text class=\"remark middle halo\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
            IntStream.of(own).mapToDouble(i -> x[i]).average().orElse(0),
            IntStream.of(own).mapToDouble(i -> y[i]).average().orElse(0),
            ReportPage.escape(name)));
      }
    }
    out.append(String.format(Locale.ROOT, "<text class=\"middle\" x=\"%d\" y=\"%d\">first component, %s of the variance</text>\n",
        WIDTH / 2, HEIGHT - 8, ReportPage.percent(share[0], 0)));
    out.append(String.format(Locale.ROOT,
        "<text class=\"middle\" transform=\"translate(14 %d) rotate(-90)\">second component, %s</text>\n", HEIGHT / 2,
        ReportPage.percent(share.length > 1 ? share[1] : 0, 0)));
    return out.append("</svg></figure>\n").toString();
  }

  private static double[] scaled(double[][] places, int axis, double from, double to) {
    double[] values = IntStream.range(0, places.length).mapToDouble(i -> axis < places[i].length ? places[i][axis] : 0).toArray();
    double least = IntStream.range(0, values.length).mapToDouble(i -> values[i]).min().orElse(0);
    double largest = IntStream.range(0, values.length).mapToDouble(i -> values[i]).max().orElse(0);
    double range = largest > least ? largest - least : 1;
    return IntStream.range(0, values.length).mapToDouble(i -> from + (values[i] - least) / range * (to - from)).toArray();
  }
}

package dev.fovea.report;

import dev.fovea.data.Dataset;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.image.Image;
import dev.fovea.metric.Evaluation;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Images in a page: mistakes, filters, a large confusion matrix. Each is a PNG embedded as a data URI. */
public final class ReportImages {
  /** Photographs are scaled down to this size, so that a page with 36 of them stays small. */
  private static final int MAX_SIDE = 192;

  /** Images up to this size are shown with sharp pixels, larger ones are interpolated. */
  private static final int PIXEL_ART = 64;

  /** The maximum number of characters of a class name under an image. */
  private static final int MAX_CAPTION = 24;

  private static final int MAX_FILTERS = 128;

  /** The maximum number of rows of a matrix's image; with more classes, several share a pixel, which shows the largest value. */
  private static final int MAX_ROWS = 1000;

  private static final int[] NEGATIVE = {0x1F, 0x5F, 0xA8};
  private static final int[] ZERO = {0xF6, 0xF6, 0xF4};
  private static final int[] POSITIVE = {0xC2, 0x41, 0x1C};

  private ReportImages() {}

  /** {@code kind} is a class of the style sheet: {@code pixel} has sharp pixels, {@code invert} is inverted on a dark page. */
  static String image(Image image, String alt, String kind) {
    String png = Base64.getEncoder().encodeToString(image.png());
    return "<img class=\"" + kind + "\" alt=\"" + ReportPage.escape(alt) + "\" width=\"" + image.width() + "\" height=\""
        + image.height() + "\" src=\"data:image/png;base64," + png + "\"/>";
  }

  /** The most confident errors, in descending order. */
  static String mistakes(List<Evaluation.Mistake> worst, List<String> classes, Dataset data) {
    StringBuilder out = new StringBuilder("<div class=\"gallery\">\n");
    for (Evaluation.Mistake m : worst) {
      String caption = String.format(Locale.ROOT, "true %s, predicted %s (%.2f)",
          ReportPage.name(classes.get(m.label()), MAX_CAPTION), ReportPage.name(classes.get(m.predicted()), MAX_CAPTION),
          m.probability());
      out.append("<figure title=\"image ").append(m.index()).append(" of ").append(ReportPage.plain(data.name())).append("\">")
          .append(image(data, m.index())).append("<figcaption>").append(caption).append("</figcaption></figure>\n");
    }
    return out.append("</div>\n").toString();
  }

  /** An image, small. */
  public static String photo(Image image, String alt) {
    Image small = shrunk(image);
    return image(small, alt, Math.max(small.width(), small.height()) <= PIXEL_ART ? "pixel" : "photo");
  }

  /** An image at its own size, with sharp pixels. */
  public static String whole(Image image, String alt) {
    return image(image, alt, "pixel");
  }

  /** An image of a data set, small; one that cannot be read is replaced by a message. */
  public static String image(Dataset data, int index) {
    try {
      return photo(data.image(index), "image " + index);
    } catch (FoveaException e) {
      return "<p class=\"nothing\">" + ReportPage.escape(String.valueOf(e.getMessage())) + "</p>";
    }
  }

  private static Image shrunk(Image image) {
    int side = Math.max(image.width(), image.height());
    if (side <= MAX_SIDE) {
      return image;
    }
    double scale = (double) MAX_SIDE / side;
    return image.resize(
        Math.max(1, (int) Math.round(image.width() * scale)), Math.max(1, (int) Math.round(image.height() * scale)));
  }

  /**
   * The first layer's weights, to be shown as one image per filter or unit.
   *
   * @param layer its path in the network
   * @param kind {@code filter} of a convolution, {@code unit} of a fully connected layer
   * @param weights K x C x H x W
   * @param offset of the first weight in the array
   */
  record Filters(String layer, String kind, Shape weights, float[] values, int offset) {
    int count() {
      return weights.dim(0);
    }

    boolean colour() {
      return weights.dim(1) == 3;
    }

    int shown() {
      return Math.min(MAX_FILTERS, count() * (colour() ? 1 : weights.dim(1)));
    }
  }

  /** The weights of the first layer as images; empty if its input is no image. */
  public static Optional<String> firstLayer(Model model) {
    return filters(model).map(ReportImages::html);
  }

  /** Empty if the input of the first layer with weights is not an image. */
  static Optional<Filters> filters(Model model) {
    Graph graph = model.graph();
    for (Node node : graph.nodes()) {
      boolean hasWeights = node.op() instanceof Op.Conv || node.op() instanceof Op.Gemm;
      if (hasWeights && graph.at(node.inputs().get(1)).op() instanceof Op.Param weight) {
        return filters(model, node, weight);
      }
    }
    return Optional.empty();
  }

  private static Optional<Filters> filters(Model model, Node node, Op.Param weight) {
    float[] values = model.parameters().values();
    int offset = model.parameters().entry(weight.name()).offset();
    Shape input = model.input();
    return switch (node.op()) {
      case Op.Conv _ -> Optional.of(new Filters(node.path(), "filter", weight.shape(), values, offset));
      case Op.Gemm(boolean transA, boolean transB) when !transA && transB && weight.shape().dim(1) == input.size() -> {
        Shape shape = input.batch(weight.shape().dim(0));
        yield Optional.of(new Filters(node.path(), "unit", shape, values, offset));
      }
      default -> Optional.empty();
    };
  }

  /** Each filter is scaled by its largest absolute weight, which is given below it. */
  static String html(Filters filters) {
    StringBuilder out = new StringBuilder("<div class=\"gallery filters" + (filters.count() == 1 ? " alone" : "") + "\">\n");
    int planes = filters.colour() ? 1 : filters.weights().dim(1);
    int size = filters.weights().sizeFrom(2) * (filters.colour() ? 3 : 1);
    for (int i = 0; i < filters.shown(); i++) {
      int start = filters.offset() + i * size;
      float scale = maxAbs(filters.values(), start, size);
      String label = planes == 1 ? String.valueOf(i) : i / planes + "." + i % planes;
      Image image = filters.colour() ? colours(filters, start, scale) : signs(filters, start, scale);
      boolean small = Math.max(image.width(), image.height()) <= PIXEL_ART;
      out.append("<figure>")
          .append(image(image, filters.kind() + " " + label, (small ? "pixel" : "photo") + (filters.colour() ? "" : " invert")))
          .append(String.format(Locale.ROOT, "<figcaption>%s <span>±%.2g</span></figcaption></figure>\n", label, scale));
    }
    return out.append("</div>\n").toString();
  }

  private static float maxAbs(float[] values, int start, int size) {
    float maxAbs = 0;
    for (int i = start; i < start + size; i++) {
      maxAbs = Math.max(maxAbs, Math.abs(values[i]));
    }
    return maxAbs;
  }

  /** The value divided by the scale, from -1 to 1; 0 if that is not finite. */
  private static float share(float value, float scale) {
    float share = value / scale;
    return Float.isFinite(share) ? share : 0;
  }

  /** The weights of red, green and blue as a colour; grey is zero. */
  private static Image colours(Filters filters, int start, float scale) {
    int plane = filters.weights().sizeFrom(2);
    byte[] pixels = new byte[3 * plane];
    for (int i = 0; i < pixels.length; i++) {
      float value = filters.values()[start + i % 3 * plane + i / 3];
      pixels[i] = (byte) Math.round(127.5f * (1 + share(value, scale)));
    }
    return new Image(filters.weights().dim(3), filters.weights().dim(2), 3, pixels);
  }

  /** Blue below zero, red above. */
  private static Image signs(Filters filters, int start, float scale) {
    int plane = filters.weights().sizeFrom(2);
    byte[] pixels = new byte[3 * plane];
    for (int i = 0; i < plane; i++) {
      blend(pixels, i, share(filters.values()[start + i], scale));
    }
    return new Image(filters.weights().dim(3), filters.weights().dim(2), 3, pixels);
  }

  private static void blend(byte[] pixels, int pixel, double share) {
    int[] end = share < 0 ? NEGATIVE : POSITIVE;
    for (int c = 0; c < 3; c++) {
      pixels[3 * pixel + c] = (byte) Math.round(ZERO[c] + Math.abs(share) * (end[c] - ZERO[c]));
    }
  }

  /** A pixel for each pair of classes; errors by the square root of their rate, so that rates of a few percent are visible. */
  static Image matrix(Evaluation result) {
    int n = result.classes().size();
    int side = Math.min(n, MAX_ROWS);
    double[] shares = new double[side * side];
    for (int t = 0; t < n; t++) {
      long support = Math.max(1, result.support(t));
      for (int p = 0; p < n; p++) {
        double rate = (double) result.confusion(t, p) / support;
        int at = (int) ((long) t * side / n) * side + (int) ((long) p * side / n);
        double share = t == p ? -rate : Math.sqrt(rate);
        if (Math.abs(share) > Math.abs(shares[at])) {
          shares[at] = share;
        }
      }
    }
    byte[] pixels = new byte[3 * side * side];
    for (int i = 0; i < shares.length; i++) {
      blend(pixels, i, shares[i]);
    }
    return new Image(side, side, 3, pixels);
  }
}

package dev.fovea.explain;

import dev.fovea.image.Image;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A heat map with its scale and a caption, as an image. */
public final class Figure {
  /** The longer side of the map, in pixels. */
  private static final int SIDE = 360;

  private static final int MARGIN = 12;
  private static final int BAR = 16;

  /** The width of the numbers beside the bar. */
  private static final int NUMBERS = 84;

  private static final int LINE = 18;
  private static final int FONT = 13;
  private static final Color INK = new Color(0x22, 0x22, 0x22);

  private Figure() {}

  /** What a caption says of an attribution: method, layer, class and score. */
  public static String caption(Attribution attribution) {
    Answer answer = attribution.answer();
    return attribution.method() + attribution.layer().map(layer -> " of " + layer).orElse("") + " for '" + answer.label()
        + String.format(Locale.ROOT, "', score %.4g", answer.score());
  }

  /**
   * The heat map, its colours with their numbers beside it, and the caption below. A system without fonts leaves the text out.
   *
   * @param shape of what is explained, whose proportions the map has
   */
  public static Image of(Heatmap map, Image shape, String caption) {
    double zoom = (double) SIDE / Math.max(shape.width(), shape.height());
    int width = (int) Math.max(1, Math.round(shape.width() * zoom));
    int height = (int) Math.max(1, Math.round(shape.height() * zoom));
    List<String> lines = wrapped(caption, (width + BAR + NUMBERS) / 7);
    BufferedImage page = new BufferedImage(width + BAR + NUMBERS + 3 * MARGIN,
        height + 2 * MARGIN + LINE * lines.size() + MARGIN, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D g = page.createGraphics();
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, page.getWidth(), page.getHeight());
    g.drawImage(map.image(width, height).toBufferedImage(), MARGIN, MARGIN, null);
    int left = 2 * MARGIN + width;
    g.drawImage(bar(map.scale(), height).toBufferedImage(), left, MARGIN, null);
    write(g, map, lines, left + BAR + 6, height);
    g.dispose();
    return Image.of(page);
  }

  /** Figures in rows, about twice as wide as high. */
  public static Image sheet(List<Image> figures) {
    int width = figures.stream().mapToInt(Image::width).max().orElse(1);
    int height = figures.stream().mapToInt(Image::height).max().orElse(1);
    int columns = Math.clamp((int) Math.ceil(Math.sqrt(2.0 * figures.size() * height / width)), 1, figures.size());
    int rows = Math.ceilDiv(figures.size(), columns);
    BufferedImage page = new BufferedImage(columns * width, rows * height, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D g = page.createGraphics();
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, page.getWidth(), page.getHeight());
    for (int i = 0; i < figures.size(); i++) {
      g.drawImage(figures.get(i).toBufferedImage(), i % columns * width, i / columns * height, null);
    }
    g.dispose();
    return Image.of(page);
  }

  /** The largest number at the top. */
  private static Image bar(ColourScale scale, int height) {
    double[] values = new double[BAR * height];
    for (int y = 0; y < height; y++) {
      double share = 1 - (y + 0.5) / height;
      Arrays.fill(values, y * BAR, (y + 1) * BAR, scale.lowest() + share * (1 - scale.lowest()));
    }
    return scale.image(BAR, height, values);
  }

  private static void write(Graphics2D g, Heatmap map, List<String> lines, int left, int height) {
    try {
      g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, FONT));
      g.setColor(INK);
      g.drawString(number(map.largest()), left, MARGIN + FONT - 2);
      g.drawString(number((map.largest() + map.lowest()) / 2), left, MARGIN + height / 2 + FONT / 2 - 2);
      g.drawString(number(map.lowest()), left, MARGIN + height);
      for (int i = 0; i < lines.size(); i++) {
        g.drawString(lines.get(i), MARGIN, 2 * MARGIN + height + (i + 1) * LINE - 4);
      }
    } catch (InternalError | LinkageError | RuntimeException e) {
      // A system without fonts.
    }
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.3g", value);
  }

  private static List<String> wrapped(String text, int columns) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > columns) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}

package dev.fovea.explain.quality;

import static dev.fovea.report.ReportPage.heading;
import static dev.fovea.report.ReportPage.name;
import static dev.fovea.report.ReportPage.number;
import static dev.fovea.report.ReportPage.percent;
import static dev.fovea.report.ReportPage.section;

import dev.fovea.explain.Figure;
import dev.fovea.explain.Heatmap;
import dev.fovea.format.AtomicFile;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.report.ReportImages;
import dev.fovea.report.ReportPage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A comparison of methods as a page that is one file. */
public final class MethodComparisonPage {
  /** The longer side of an image, in pixels: maps are noisy, so that larger ones would make a large page. */
  private static final int SIDE = 144;

  private final String title;
  private final MethodComparison comparison;
  private final List<Image> images;

  private MethodComparisonPage(String title, MethodComparison comparison, List<Image> images) {
    this.title = title;
    this.comparison = comparison;
    this.images = images;
  }

  /**
   * Writes the page atomically.
   *
   * @param images what the network sees of the first images, to be shown with their maps
   */
  public static void write(Path file, String title, MethodComparison comparison, List<Image> images) {
    AtomicFile.write(file, ReportPage.of("Explanations of " + title, new MethodComparisonPage(title, comparison, images).body()));
  }

  private String body() {
    return section("top", ReportPage.brand("Fovea explain compare") + "<h1>" + name(title) + "</h1>\n") + table() + agreement()
        + maps();
  }

  private String table() {
    StringBuilder out =
        new StringBuilder("<div class=\"scroll\"><table class=\"figures\"><thead><tr><th scope=\"col\">method</th>"
            + "<th scope=\"col\">deletion</th><th scope=\"col\">insertion</th><th scope=\"col\">drop</th><th scope=\"col\">increase</th>"
            + "<th scope=\"col\">randomised</th><th scope=\"col\">seconds</th></tr></thead><tbody>\n");
    for (int m = 0; m < comparison.names().size(); m++) {
      double similarity = comparison.randomisations().get(m);
      out.append("<tr><th scope=\"row\">").append(name(comparison.names().get(m))).append("</th>");
      for (String cell : List.of(number(comparison.mean(m, Quality::deletion)), number(comparison.mean(m, Quality::insertion)),
          percent(comparison.mean(m, Quality::drop), 1), percent(comparison.mean(m, q -> q.increases() ? 1 : 0), 0),
          Double.isNaN(similarity) ? "–" : number(similarity) + (similarity <= Randomisation.ALIKE ? "" : " alike"),
          number(comparison.mean(m, Quality::seconds)))) {
        out.append("<td>").append(cell).append("</td>");
      }
      out.append("</tr>\n");
    }
    return section("numbers", heading("How good the maps are", "Means over " + comparison.qualities().size() + " images. "
        + "<b>Deletion</b>: area under the curve of the class's probability while pixels are removed, the most important first;"
        + " small is good. <b>Insertion</b>: while they are shown on a blurred image; large is good. <b>Drop</b>: the part of the"
        + " probability that is lost if the image is shown as the map says, and <b>increase</b>, how often it rises instead."
        + " <b>Randomised</b>: how like the map those of the network with shuffled weights are; a method above "
        + Randomisation.ALIKE
        + " hardly depends on what the network has learnt. <em>random</em> and <em>centre</em> ask nothing of"
        + " the network.") + out + "</tbody></table></div>\n");
  }

  private String agreement() {
    StringBuilder out = new StringBuilder("<div class=\"scroll\"><table class=\"figures\"><thead><tr><td></td>");
    comparison.names().forEach(method -> out.append("<th scope=\"col\">").append(name(method)).append("</th>"));
    out.append("</tr></thead><tbody>\n");
    for (int m = 0; m < comparison.names().size(); m++) {
      out.append("<tr><th scope=\"row\">").append(name(comparison.names().get(m))).append("</th>");
      comparison.agreement().get(m)
          .forEach(value -> out.append("<td>").append(String.format(Locale.ROOT, "%.2f", rounded(value))).append("</td>"));
      out.append("</tr>\n");
    }
    return section("agreement",
        heading("Agreement", "The rank correlation of two methods' maps: 1 if they order the pixels alike, 0"
            + " if they have nothing in common.") + out + "</tbody></table></div>\n");
  }

  /** To hundredths, without a negative zero. */
  private static double rounded(double value) {
    return Math.round(100 * value) / 100.0;
  }

  private String maps() {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < images.size(); i++) {
      Image image = small(images.get(i));
      out.append("<div class=\"gallery\">\n");
      figure(out, image, "image", "class '" + comparison.qualities().get(i).getFirst().attribution().answer().label() + "'");
      for (Quality quality : comparison.qualities().get(i)) {
        figure(out, overlay(quality.map(), image), Figure.caption(quality.attribution()), quality.attribution().method());
      }
      out.append("</div>\n");
    }
    return section("maps",
        heading("Maps", "Over what the network sees of the first images, in grey. Light and warm: speaks for the"
            + " class; of contributions orange speaks for it and blue against it.") + out);
  }

  private static Image small(Image image) {
    double scale = Math.min(1, (double) SIDE / Math.max(image.width(), image.height()));
    return image.resize((int) Math.max(1, Math.round(image.width() * scale)),
        (int) Math.max(1, Math.round(image.height() * scale)));
  }

  private static Image overlay(Heatmap map, Image image) {
    return map.overlay(image, new Preprocessing.Region(0, 0, image.width(), image.height()));
  }

  private static void figure(StringBuilder out, Image image, String about, String caption) {
    out.append("<figure title=\"").append(ReportPage.escape(about)).append("\">").append(ReportImages.photo(image, about))
        .append("<figcaption>").append(name(caption, 24)).append("</figcaption></figure>\n");
  }
}

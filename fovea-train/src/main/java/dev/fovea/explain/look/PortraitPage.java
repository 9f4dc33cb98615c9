package dev.fovea.explain.look;

import static dev.fovea.report.ReportPage.heading;
import static dev.fovea.report.ReportPage.integer;
import static dev.fovea.report.ReportPage.name;
import static dev.fovea.report.ReportPage.number;
import static dev.fovea.report.ReportPage.percent;
import static dev.fovea.report.ReportPage.section;

import dev.fovea.data.Dataset;
import dev.fovea.explain.survey.LastLayer;
import dev.fovea.explain.survey.LayerStatistics;
import dev.fovea.format.AtomicFile;
import dev.fovea.graph.ReceptiveField;
import dev.fovea.image.Image;
import dev.fovea.report.ReportImages;
import dev.fovea.report.ReportPage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A portrait as a page that is one file; its script only draws what the page holds. */
public final class PortraitPage {
  /** The side of a patch, in pixels. */
  private static final int PATCH = 56;

  private static final int SIDE = 168;
  private static final int PATCH_COLUMNS = 3;

  /** Wrong answers that are shown with the images nearest to them. */
  private static final int MISTAKES = 8;

  private static final int NEAREST = 5;

  /** Pairs of filters that are listed. */
  private static final int MAX_PAIRS = 20;

  private final Portrait portrait;

  private PortraitPage(Portrait portrait) {
    this.portrait = portrait;
  }

  /** Writes the page atomically. */
  public static void write(Path file, Portrait portrait) {
    String title = "What " + portrait.model().card().network() + " looks for";
    AtomicFile.write(file, ReportPage.of(title, new PortraitPage(portrait).body(), script()));
  }

  private static String script() {
    try (InputStream in = PortraitPage.class.getResourceAsStream("look.js")) {
      return new String(Objects.requireNonNull(in, "look.js is part of this module").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String body() {
    return top() + firstLayer() + layers() + arithmetic() + field() + maps() + survey() + confusions() + plane();
  }

  private String top() {
    String images =
        portrait.patchImages().map(data -> ", over the " + integer(data.size()) + " images of " + name(data.name())).orElse("");
    return section("top", ReportPage.brand("Fovea look") + "<h1>" + name(portrait.model().card().network()) + "</h1>\n<p>"
        + portrait.layer().map(layer -> "Layer " + name(layer) + ", " + integer(portrait.mapCount()) + " maps of "
            + portrait.shape().dim(1) + " x " + portrait.shape().dim(2)).orElse("A network without maps")
        + images + ".</p>\n");
  }

  private String firstLayer() {
    return ReportImages.firstLayer(portrait.model()).map(filters -> section("first",
        heading("First layer",
            "Its filters. Of colour images grey is zero; else orange is positive and blue is negative. Below each,"
                + " its largest weight.")
            + filters))
        .orElse("");
  }

  // ---- One image

  private String layers() {
    return portrait.seen().map(seen -> {
      StringBuilder out = new StringBuilder("<div class=\"gallery sheets\">\n");
      figure(out, Tiles.of(List.of(seen.image()), 1, SIDE), "image", "what the network sees");
      for (LayerMaps maps : seen.maps()) {
        figure(out, maps.sheet(), "maps of " + maps.path(), name(maps.path()) + " " + maps.shape() + ", up to "
            + number(maps.largest()));
      }
      return section("layers",
          heading("Layer by layer", "The first maps of each layer for one image. Dark is zero and light is large;"
              + " where there are numbers of both signs, light grey is zero, orange positive and blue negative.") + out
              + "</div>\n");
    }).orElse("");
  }

  private String arithmetic() {
    return portrait.seen().flatMap(Portrait.Seen::arithmetic).map(panel -> section("numbers",
        heading("Every number",
            "Click on a number of the map, or choose one: it is the sum of the products below, in the order in which"
                + " they are added.")
            + panel))
        .orElse("");
  }

  private String field() {
    return portrait.layer().flatMap(layer -> portrait.seen().map(seen -> {
      int row = portrait.shape().dim(1) / 2;
      int column = portrait.shape().dim(2) / 2;
      ReceptiveField field = portrait.field(row, column);
      StringBuilder out = new StringBuilder("<div class=\"gallery\">\n");
      figure(out, Tiles.of(List.of(framed(seen.image(), field)), 1, SIDE), "receptive field",
          "row " + row + ", column " + column + " of " + name(layer));
      return section("field", heading("Receptive field", "What one number of the layer can see: " + field.rows().size() + " x "
          + field.columns().size() + " pixels, padding included" + next() + ". The rest is shaded.") + out + "</div>\n");
    })).orElse("");
  }

  private String next() {
    double jump = portrait.jump();
    String pixels = jump == Math.rint(jump) ? integer((long) jump) : number(jump);
    return jump == 0 ? "" : ", " + pixels + " further down for the next one below";
  }

  /** Darkened outside of what a place sees. */
  private static Image framed(Image image, ReceptiveField field) {
    byte[] pixels = image.rgb().pixels().clone();
    for (int i = 0; i < pixels.length; i++) {
      int y = i / 3 / image.width();
      int x = i / 3 % image.width();
      boolean inside = y >= field.rows().first() && y <= field.rows().last() && x >= field.columns().first()
          && x <= field.columns().last();
      pixels[i] = inside ? pixels[i] : (byte) (64 + (pixels[i] & 0xff) / 4);
    }
    return new Image(image.width(), image.height(), 3, pixels);
  }

  // ---- What excites each map

  private String maps() {
    StringBuilder out = new StringBuilder();
    int shown = Math.max(portrait.pairs().size(), portrait.maximised().size());
    for (int map = 0; map < shown; map++) {
      out.append("<div class=\"map\"><h3>map ").append(map).append(about(map)).append("</h3><div class=\"row\">\n");
      List<Projections.Pair> pairs = map < portrait.pairs().size() ? portrait.pairs().get(map) : List.of();
      if (!pairs.isEmpty()) {
        figure(out, Tiles.of(pairs.stream().map(Projections.Pair::patch).toList(), PATCH_COLUMNS, PATCH),
            "patches that excite map " + map, "patches");
        figure(out, Tiles.of(pairs.stream().map(Projections.Pair::projection).toList(), PATCH_COLUMNS, PATCH),
            "what of them excites map " + map, "projections");
      }
      if (map < portrait.maximised().size()) {
        figure(out, Tiles.of(List.of(portrait.maximised().get(map)), 1, SIDE), "an image that excites map " + map, "maximised");
      }
      out.append("</div></div>\n");
    }
    String first = shown < portrait.mapCount() ? "The first " + shown + " of " + portrait.mapCount() + " maps. " : "";
    return shown == 0 ? ""
        : section("maps", heading("What each map looks for", first
            + "The <b>patches</b> of the images that excite it most, one of each image,"
            + " the strongest first. The <b>projections</b> show what of each patch does so, by the deconvolutional network (Zeiler and"
            + " Fergus 2014); in a network without max pooling it hardly depends on the image. <b>Maximised</b> is an image that gradient ascent found from noise.")
            + "<div class=\"mapgrid\">" + out
            + "</div>\n");
  }

  private String about(int map) {
    StringBuilder out = new StringBuilder();
    if (map < portrait.patches().size()) {
      out.append(portrait.patches().get(map).isEmpty() ? ", never above 0"
          : ", up to " + number(portrait.patches().get(map).getFirst().activation()));
    }
    portrait.ablation().ifPresent(ablation -> {
      double change = ablation.without().get(map) - ablation.accuracy();
      out.append(String.format(Locale.ROOT, "; accuracy without it %s (%+.1f points)", percent(ablation.without().get(map), 1),
          100 * (change == 0 ? 0 : change)));
    });
    return out.toString();
  }

  // ---- The whole network

  private String survey() {
    Map<String, List<FilterSimilarity>> duplicates = portrait.duplicates();
    StringBuilder out = new StringBuilder();
    if (!portrait.survey().isEmpty()) {
      out.append(
          "<div class=\"scroll\"><table class=\"figures\"><thead><tr><th scope=\"col\">layer</th><th scope=\"col\">result</th>"
              + "<th scope=\"col\">zeros</th><th scope=\"col\">dead</th><th scope=\"col\">effective rank</th><th scope=\"col\">gradient</th>"
              + "</tr></thead><tbody>\n");
      for (LayerStatistics layer : portrait.survey()) {
        out.append("<tr><th scope=\"row\">").append(name(layer.path())).append("</th>");
        for (String cell : List.of(layer.shape().toString(), percent(layer.sparsity(), 1), percent(layer.dead(), 1),
            String.format(Locale.ROOT, "%.1f", layer.rank()),
            layer.gradient().isPresent() ? number(layer.gradient().getAsDouble()) : "")) {
          out.append("<td>").append(cell).append("</td>");
        }
        out.append("</tr>\n");
      }
      out.append("</tbody></table></div>\n");
    }
    out.append(duplicates.isEmpty() ? "<p class=\"note\">No two filters of a layer are alike.</p>\n" : pairs(duplicates));
    return section("survey",
        heading("Dead and duplicate filters", "<b>Dead</b>: maps, after normalisation and activation, that are the same"
            + " everywhere in all images; <b>zeros</b>: the share of numbers that are; <b>effective rank</b>: of the maps' means over 256"
            + " images at most; <b>gradient</b>: the mean norm of the loss's derivative by the result. Duplicates: filters whose weights have a cosine of "
            + FilterSimilarity.DUPLICATE + " or more.") + out);
  }

  private static String pairs(Map<String, List<FilterSimilarity>> duplicates) {
    StringBuilder out = new StringBuilder("<ul class=\"plain\">\n");
    duplicates.forEach((layer, alike) -> out.append("<li>").append(name(layer)).append(": ")
        .append(alike.stream().limit(MAX_PAIRS)
            .map(pair -> pair.first() + " and " + pair.second() + String.format(Locale.ROOT, " (%.3f)", pair.cosine()))
            .collect(Collectors.joining(", ")))
        .append(alike.size() > MAX_PAIRS ? ", … " + alike.size() + " pairs" : "").append("</li>\n"));
    return out.append("</ul>\n").toString();
  }

  private String confusions() {
    return portrait.neighbourhood().map(of -> {
      Dataset data = of.data();
      LastLayer last = of.last();
      int[] wrong = IntStream.range(0, data.size()).filter(i -> last.predicted()[i] != data.label(i)).toArray();
      StringBuilder out = new StringBuilder(confused(data, last, wrong));
      for (int i = 0; i < Math.min(MISTAKES, wrong.length); i++) {
        out.append("<div class=\"gallery\">\n");
        int image = wrong[(int) ((long) i * wrong.length / Math.min(MISTAKES, wrong.length))];
        photo(out, data, image, "is " + name(label(data, data.label(image))) + ", predicted "
            + name(label(data, last.predicted()[image])));
        for (int near : last.nearest(image, NEAREST)) {
          photo(out, data, near, "near: " + name(label(data, data.label(near))));
        }
        out.append("</div>\n");
      }
      return section("confusions", heading("What it confuses", wrong.length + " of " + integer(data.size()) + " images of "
          + name(data.name())
          + " get a wrong answer. Next to some of them are the images that are nearest in the last layer, by the"
          + " cosine of what the classifier reads.") + out);
    }).orElse("");
  }

  private static String confused(Dataset data, LastLayer last, int[] wrong) {
    Map<List<Integer>, Long> counts = IntStream.of(wrong).boxed()
        .collect(Collectors.groupingBy(i -> List.of(data.label(i), last.predicted()[i]), Collectors.counting()));
    List<Map.Entry<List<Integer>, Long>> order = new ArrayList<>(counts.entrySet());
    order.sort(Comparator.comparingLong((Map.Entry<List<Integer>, Long> pair) -> -pair.getValue())
        .thenComparingInt(pair -> pair.getKey().getFirst()).thenComparingInt(pair -> pair.getKey().getLast()));
    if (order.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder("<ul class=\"plain\">\n");
    order.stream().limit(MAX_PAIRS).forEach(pair -> out.append("<li>").append(name(label(data, pair.getKey().getFirst())))
        .append(" taken for ").append(name(label(data, pair.getKey().getLast()))).append(": ").append(pair.getValue())
        .append("</li>\n"));
    return out.append("</ul>\n").toString();
  }

  private static String label(Dataset data, int index) {
    return index < data.classes().size() ? data.classes().get(index) : String.valueOf(index);
  }

  private static void photo(StringBuilder out, Dataset data, int index, String caption) {
    out.append("<figure>").append(ReportImages.image(data, index)).append("<figcaption>").append(caption)
        .append("</figcaption></figure>\n");
  }

  private String plane() {
    return portrait.neighbourhood().map(of -> {
      int[] labels = IntStream.range(0, of.data().size()).map(of.data()::label).toArray();
      return section("plane",
          heading("A map of the images", "What the classifier reads of each image, in the plane in which these differ"
              + " most (principal components). Classes have colours, and other signs where there are more classes than colours; the"
              + " names are at the middle of their images, where there is room.") + "<div class=\"charts\">"
              + Scatter.svg(of.plane().places(), labels, of.data().classes(), of.plane().share()) + "</div>\n");
    }).orElse("");
  }

  private static void figure(StringBuilder out, Image image, String about, String caption) {
    out.append("<figure>").append(ReportImages.whole(image, about)).append("<figcaption>").append(caption)
        .append("</figcaption></figure>\n");
  }

  /** Where it is written in a folder. */
  public static Path in(Path folder) {
    return folder.resolve("look.html");
  }
}

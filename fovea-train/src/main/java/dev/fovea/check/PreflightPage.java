package dev.fovea.check;

import static dev.fovea.report.ReportPage.escape;
import static dev.fovea.report.ReportPage.heading;
import static dev.fovea.report.ReportPage.integer;
import static dev.fovea.report.ReportPage.name;
import static dev.fovea.report.ReportPage.number;
import static dev.fovea.report.ReportPage.section;

import dev.fovea.data.Dataset;
import dev.fovea.data.SkippedFile;
import dev.fovea.data.Split;
import dev.fovea.format.AtomicFile;
import dev.fovea.model.ProcessMemory;
import dev.fovea.model.Task;
import dev.fovea.report.ReportImages;
import dev.fovea.report.ReportPage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A check as a page that is one file. */
public final class PreflightPage {
  private static final int MAX_GROUPS = 24;
  private static final int MAX_MEMBERS = 4;
  private static final int MAX_NAME = 300;

  private static final String PAIRS = "<table class=\"pairs\"><tbody>\n";
  private static final String END = "</tbody></table></div>\n";

  private final Preflight check;
  private final Split split;

  private PreflightPage(Preflight check, Split split) {
    this.check = check;
    this.split = split;
  }

  /** Writes the page atomically; {@code split} holds the images that were checked. */
  public static void write(Path file, Preflight check, Split split) {
    AtomicFile.write(file, html(check, split));
  }

  static String html(Preflight check, Split split) {
    return ReportPage.of("Check: " + check.title(), new PreflightPage(check, split).body());
  }

  private String body() {
    return header() + findings() + labels() + images() + network()
        + groups("Equal images", "The same pixels, perhaps in different files.", check.duplicates().exact())
        + groups("Similar images", "Their dHashes differ in at most " + NearHashes.MAX_DISTANCE + " of 64 bits, directly or over"
            + " others of the group. They may be copies that were resized or compressed, or images that merely look alike.",
            check.duplicates().near())
        + files("Unreadable images", check.parts().stream().flatMap(part -> part.unreadable().stream()).toList())
        + files("Skipped files", check.skipped());
  }

  private String header() {
    long errors = check.findings().stream().filter(f -> f.level() == Finding.Level.ERROR).count();
    long warnings = check.findings().size() - errors;
    return section("top", ReportPage.brand("Fovea check") + "<h1>" + name(check.title()) + "</h1>\n<div class=\"result\">\n"
        + "<p class=\"figure\"><strong>" + integer(errors) + "</strong><span>" + (errors == 1 ? "error" : "errors") + " and "
        + integer(warnings) + (warnings == 1 ? " warning" : " warnings") + "</span></p>\n<p>"
        + (errors > 0 ? "Training would be refused or fail." : "Training can begin.")
        + " Each image was decoded once; nothing was changed.</p>\n</div>\n");
  }

  private String findings() {
    if (check.findings().isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder(PAIRS);
    check.findings().forEach(f -> out.append("<tr><th scope=\"row\">").append(f.level().name().toLowerCase(Locale.ROOT))
        .append("</th><td><bdi>").append(escape(f.text())).append("</bdi></td></tr>\n"));
    return section("findings", heading("Findings", "") + out + "</tbody></table>\n");
  }

  private static String table(String first, String... columns) {
    StringBuilder out =
        new StringBuilder("<div class=\"scroll\"><table class=\"figures\"><thead><tr><th scope=\"col\">").append(first)
            .append("</th>");
    Stream.of(columns).forEach(c -> out.append("<th scope=\"col\">").append(escape(c)).append("</th>"));
    return out.append("</tr></thead>\n<tbody>\n").toString();
  }

  private String[] names() {
    return check.parts().stream().map(Preflight.Part::name).toArray(String[]::new);
  }

  private String labels() {
    if (check.task() instanceof Task.Numbers(List<Task.Quantity> numbers)) {
      return numbers(numbers);
    }
    StringBuilder out = new StringBuilder(table("class", names()));
    out.append("<tr><th scope=\"row\">all images</th>");
    check.parts().forEach(part -> out.append("<td>").append(integer(part.images())).append("</td>"));
    out.append("</tr>\n");
    for (int c = 0; c < check.classes().size(); c++) {
      out.append("<tr><th scope=\"row\">").append(name(check.classes().get(c))).append("</th>");
      for (Preflight.Part part : check.parts()) {
        out.append("<td>").append(integer(part.labels().get(c))).append("</td>");
      }
      out.append("</tr>\n");
    }
    return section("labels", heading("Labels", check.pixels() ? "The number of labelled pixels of each class."
        : "The number of images of each class.") + out.toString().replace("\"scroll\"", "\"scroll tall\"") + END);
  }

  private String numbers(List<Task.Quantity> numbers) {
    StringBuilder out = new StringBuilder(table("number", "mean", "std"));
    numbers.forEach(n -> out.append("<tr><th scope=\"row\">").append(name(n.name())).append("</th><td>")
        .append(number(n.mean())).append("</td><td>").append(number(n.std())).append("</td></tr>\n"));
    String sizes =
        check.parts().stream().map(part -> integer(part.images()) + " in " + part.name()).collect(Collectors.joining(", "));
    return section("labels", heading("Numbers", "Of the training images. Images: " + sizes + ".") + out + END);
  }

  private String images() {
    StringBuilder out = new StringBuilder(table("part", "smallest", "median", "largest", "mean", "std"));
    for (Preflight.Part part : check.parts()) {
      part.sizes().ifPresent(s -> {
        out.append("<tr><th scope=\"row\">").append(part.name()).append("</th>");
        Stream
            .of(s.minWidth() + "x" + s.minHeight(), s.medianWidth() + "x" + s.medianHeight(), s.maxWidth() + "x" + s.maxHeight(),
                part.channels().map(c -> DataCheck.numbers(c.means())).orElse(""),
                part.channels().map(c -> DataCheck.numbers(c.stds())).orElse(""))
            .forEach(cell -> out.append("<td>").append(cell).append("</td>"));
        out.append("</tr>\n");
      });
    }
    return section("images",
        heading("Images", "Width and height in pixels, each sorted by itself; mean and std per channel, of values"
            + " from 0 to 1, of at most 1,000 images at the network's input size.") + out + END);
  }

  private String network() {
    return check.network().map(n -> {
      Map<String, String> rows = new LinkedHashMap<>();
      rows.put("network", n.name());
      rows.put("input", n.input().shape() + ", mean " + DataCheck.numbers(n.input().mean()) + ", std "
          + DataCheck.numbers(n.input().std()));
      rows.put("parameters", integer(n.parameters()));
      rows.put("memory to train", ProcessMemory.mebibytes(n.peakBytes()) + " by SGD with momentum, and "
          + ProcessMemory.mebibytes(n.imageBytes()) + " of images");
      rows.put("time",
          n.epochSeconds().map(s -> PreflightText.duration(s) + " for the " + integer(n.steps()) + " steps of an epoch, "
              + PreflightText.duration(s / n.steps() * n.totalSteps()) + " for the " + integer(n.totalSteps())
              + " of the run, without evaluation").orElse("not measured"));
      return section("network", heading("Network", "On this machine.") + ReportPage.table(rows));
    }).orElse("");
  }

  private String groups(String title, String about, List<Duplicates.Group> groups) {
    if (groups.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder("<div class=\"gallery\">\n");
    for (Duplicates.Group group : groups.subList(0, Math.min(MAX_GROUPS, groups.size()))) {
      List<Duplicates.Member> some = group.images().subList(0, Math.min(MAX_MEMBERS, group.images().size()));
      for (Duplicates.Member member : some) {
        out.append("<figure>").append(ReportImages.image(part(member.part()), member.index())).append("<figcaption>")
            .append(member.part()).append(' ').append(name(last(member.source()), 24)).append("</figcaption></figure>\n");
      }
    }
    return section("mistakes", heading(title, about + " " + DataCheck.groups(groups.size()) + "; up to " + MAX_MEMBERS
        + " images of the " + MAX_GROUPS + " largest are shown, one group after the other.") + out + "</div>\n");
  }

  private Dataset part(String name) {
    return switch (name) {
      case "train" -> split.train();
      case "validation" -> split.validation();
      default -> split.test().orElseThrow();
    };
  }

  private static String last(String source) {
    return source.substring(Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1);
  }

  private static String files(String title, List<SkippedFile> files) {
    if (files.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder(PAIRS);
    PreflightText.byKind(files).values().forEach(some -> some.forEach(file -> out.append("<tr><td>")
        .append(name(file.file().toString(), MAX_NAME)).append("</td><td>").append(name(file.reason(), MAX_NAME))
        .append("</td></tr>\n")));
    return section("files", heading(title, integer(files.size()) + ": " + escape(SkippedFile.counts(files)) + ".") + out
        + "</tbody></table>\n");
  }
}

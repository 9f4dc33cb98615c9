package dev.fovea.run;

import static dev.fovea.report.ReportPage.escape;
import static dev.fovea.report.ReportPage.heading;
import static dev.fovea.report.ReportPage.integer;
import static dev.fovea.report.ReportPage.name;
import static dev.fovea.report.ReportPage.number;
import static dev.fovea.report.ReportPage.score;
import static dev.fovea.report.ReportPage.section;

import dev.fovea.format.AtomicFile;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.report.Report;
import dev.fovea.report.ReportCharts;
import dev.fovea.report.ReportPage;
import dev.fovea.run.ComparisonResult.Run;
import dev.fovea.run.ComparisonResult.Statistics;
import dev.fovea.run.ComparisonResult.Variant;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The page of a comparison, in the style of {@link Report}: one table, the curves, the common settings. */
final class ComparisonReport {
  private static final String DIFFERS = "differs in";

  private final ComparisonResult result;
  private final List<String> commands;

  private ComparisonReport(ComparisonResult result, List<String> commands) {
    this.result = result;
    this.commands = commands;
  }

  /**
   * Writes the page atomically.
   *
   * @param commands the command line of each run
   */
  static void write(Path file, ComparisonResult result, List<String> commands) {
    AtomicFile.write(file, html(result, commands));
  }

  /** The page. */
  static String html(ComparisonResult result, List<String> commands) {
    ComparisonReport report = new ComparisonReport(result, commands);
    return ReportPage.of(report.title(), report.body());
  }

  private String title() {
    String network = result.common().getOrDefault("network", "");
    return result.key() + " compared" + (network.isEmpty() ? "" : ": " + network)
        + (result.common().containsKey("data") ? " on " + result.common().get("data") : "");
  }

  private String body() {
    return header() + variants() + curves() + seeds() + settings() + commands();
  }

  private String header() {
    String best = best().map(v -> "<p class=\"figure\"><strong>" + score(result.metric(), v.score().mean())
        + "</strong><span>the highest validation " + result.metric() + ", of " + name(v.value()) + "</span></p>\n")
        .orElse("");
    int count = result.variants().size();
    int runs = result.variants().getFirst().runs().size();
    String sentence = integer(count) + (count == 1 ? " variant" : " variants") + ", trained with the same settings except "
        + escape(result.key()) + (result.repeated() ? ", each with " + integer(runs) + " seeds." : ".")
        + " The best epoch was chosen on the validation images, so its " + result.metric()
        + " is biased upwards in every row.";
    return section("top", ReportPage.brand("Fovea comparison") + "<h1>" + name(title()) + "</h1>\n<div class=\"result\">\n"
        + best + "<p>" + sentence + "</p>\n</div>\n");
  }

  private Optional<Variant> best() {
    return result.variants().stream()
        .filter(v -> v.score().count() > 0)
        .max(Comparator.comparingDouble(v -> v.score().mean()));
  }

  private String variants() {
    String about =
        result.metric().capital()
            + " of the best epoch and loss of the last, on the validation images; time of the training steps only."
            + (result.repeated() ? " Means over the seeds ± standard deviation (divided by n − 1)." : "");
    Set<String> varied = result.varied();
    boolean more = varied.size() > 1;
    StringBuilder out = new StringBuilder(tableHead(
        List.of(result.key(), result.metric().toString(), "final loss", "time", result.fingerprintHead(),
            more ? DIFFERS : "")));
    for (Variant v : result.variants()) {
      String differs = !more ? ""
          : varied.stream()
              .filter(v.settings()::containsKey)
              .map(setting -> setting + " " + v.settings().get(setting))
              .collect(Collectors.joining(", "));
      out.append("<tr><th scope=\"row\">").append(name(v.value())).append("</th>");
      if (v.score().count() == 0) {
        out.append("<td colspan=\"4\">").append(escape(v.failures())).append("</td>");
      } else {
        out.append(cell(spread(v.score(), x -> score(result.metric(), x))))
            .append(cell(spread(v.finalLoss(), ReportPage::number)))
            .append(cell(time(v.seconds().mean())))
            .append(cell("<code>" + escape(v.fingerprint()) + "</code>"
                + (v.failures().isEmpty() ? "" : " " + escape(v.failures()))));
      }
      out.append(more ? "<td class=\"text\">" + escape(differs) + "</td>" : "").append("</tr>\n");
    }
    return section("variants", heading("Results", about) + "<div class=\"scroll\">" + out + "</tbody></table></div>\n");
  }

  private static String tableHead(List<String> columns) {
    return "<table class=\"figures\"><thead><tr>" + columns.stream()
        .filter(c -> !c.isEmpty())
        .map(c -> "<th scope=\"col\"" + (c.equals(DIFFERS) ? " class=\"text\"" : "") + ">" + escape(c) + "</th>")
        .collect(Collectors.joining()) + "</tr></thead>\n<tbody>\n";
  }

  /** With a non-breaking space before the unit. */
  private static String time(double seconds) {
    return ComparisonResult.duration(seconds).replace(' ', '\u00A0');
  }

  private static String cell(String html) {
    return "<td>" + html + "</td>";
  }

  private static String spread(Statistics spread, DoubleFunction<String> text) {
    return text.apply(spread.mean()) + (spread.count() < 2 ? "" : " ± " + text.apply(spread.std()));
  }

  private String curves() {
    ReportCharts.Lines scores = ReportCharts.lines(result.metric().capital(), "epoch", "of the validation images")
        .scale(ReportCharts.Scale.PERCENT);
    ReportCharts.Lines loss = ReportCharts.lines("Loss", "epoch", "cross-entropy of the validation images");
    for (Variant v : result.variants()) {
      scores = scores.series(v.value(), points(v, EpochMetrics::validationScore));
      loss = loss.series(v.value(), points(v, EpochMetrics::validationLoss));
    }
    String about = result.repeated() ? "Each point is the mean over the seeds." : "";
    return section("curves", heading("Learning curves", about) + "<div class=\"charts\">\n" + scores.html() + loss.html()
        + "</div>\n");
  }

  private static List<ReportCharts.Point> points(Variant variant, ToDoubleFunction<EpochMetrics> of) {
    return variant.curve().stream().map(e -> new ReportCharts.Point(e.epoch(), of.applyAsDouble(e))).toList();
  }

  private String seeds() {
    if (!result.repeated()) {
      return "";
    }
    StringBuilder out =
        new StringBuilder(
            tableHead(List.of(result.key(), "seed", result.metric().toString(), "final loss", "time", "fingerprint")));
    for (Variant v : result.variants()) {
      for (Run run : v.runs()) {
        out.append("<tr><th scope=\"row\">").append(name(v.value())).append("</th>").append(cell(String.valueOf(run.seed())));
        out.append(run.result().map(r -> cell(score(result.metric(), r.best().score())) + cell(number(run.finalLoss()))
            + cell(time(run.seconds())) + cell("<code>" + escape(run.fingerprint()) + "</code>"))
            .orElseGet(() -> "<td colspan=\"4\">" + escape(run.failure()) + "</td>")).append("</tr>\n");
      }
    }
    return section("seeds", heading("Results per seed", "") + "<div class=\"scroll\">" + out + "</tbody></table></div>\n");
  }

  private String settings() {
    return section("settings",
        heading("Settings", "The settings that all variants have in common.") + ReportPage.table(result.common()));
  }

  private String commands() {
    String about = "The command of each run. The same command, data and version give the same parameters to the last bit.";
    return section("again", heading("Run it again", about) + "<pre>"
        + commands.stream().map(ReportPage::command).collect(Collectors.joining("\n")) + "</pre>\n");
  }
}

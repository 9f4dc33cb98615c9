package dev.fovea.tune;

import static dev.fovea.report.ReportPage.escape;
import static dev.fovea.report.ReportPage.heading;
import static dev.fovea.report.ReportPage.integer;
import static dev.fovea.report.ReportPage.name;
import static dev.fovea.report.ReportPage.number;
import static dev.fovea.report.ReportPage.percent;
import static dev.fovea.report.ReportPage.section;

import dev.fovea.format.AtomicFile;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.report.ReportCharts;
import dev.fovea.report.ReportPage;
import dev.fovea.report.ReportParallel;
import dev.fovea.run.RunResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The page of a tuning, in the style of a run's report: trials, settings and scores, curves, what mattered, the best's command. */
final class TuningReport {
  /** A chart with more lines is hard to read. */
  private static final int MAX_CURVES = 12;

  private final TuningResult result;
  private final String command;

  private TuningReport(TuningResult result, String command) {
    this.result = result;
    this.command = command;
  }

  /** Writes the page atomically; {@code command} is the best trial's, empty if there is none. */
  static void write(Path file, TuningResult result, String command) {
    AtomicFile.write(file, html(result, command));
  }

  /** The page. */
  static String html(TuningResult result, String command) {
    TuningReport report = new TuningReport(result, command);
    return ReportPage.of(report.title(), report.body());
  }

  private String title() {
    Map<String, String> common = result.common();
    String network = Optional.ofNullable(common.get("model")).orElse("");
    return String.join(", ", result.space().names()) + " tuned" + (network.isEmpty() ? "" : ": " + network)
        + (common.containsKey("data") ? " on " + common.get("data") : "");
  }

  private String body() {
    return header() + trials() + parallel() + influence() + curves() + settings() + again();
  }

  private int firstEpochs() {
    return result.halving().rungs().getFirst().epochs();
  }

  private String header() {
    Optional<RunResult> run = result.best().flatMap(TrialResult::run);
    String best = run.map(r -> "<p class=\"figure\"><strong>" + percent(r.best().score(), 2) + "</strong><span>validation "
        + result.metric() + " of trial " + result.best().orElseThrow().number() + ", the best</span></p>\n").orElse("");
    String rungs = result.halving().rungs().stream()
        .map(rung -> integer(rung.trials()) + (rung.trials() == 1 ? " trial" : " trials") + " to epoch " + integer(rung.epochs()))
        .collect(Collectors.joining(", "));
    String test = run.map(r -> " On " + name(r.testSet()) + ", which was not used for choosing, its last network has "
        + percent(r.testScore(), 2) + ".").orElse(" All trials have diverged.");
    String sentence = "Successive halving: " + rungs + ". The best was chosen on the validation images, so its " + result.metric()
        + " there is biased upwards." + test;
    return section("top", ReportPage.brand("Fovea tuning") + "<h1>" + name(title()) + "</h1>\n<div class=\"result\">\n" + best
        + "<p>" + sentence + "</p>\n</div>\n");
  }

  private String trials() {
    List<String> names = result.space().names();
    StringBuilder out = new StringBuilder("<table class=\"figures\"><thead><tr>");
    for (String column : List.of("rank", result.metric().toString(), "loss", "epochs", "trial")) {
      out.append("<th scope=\"col\">").append(column).append("</th>");
    }
    names.forEach(option -> out.append("<th scope=\"col\">").append(name(option)).append("</th>"));
    out.append("</tr></thead>\n<tbody>\n");
    List<TrialResult> ranked = result.ranked();
    for (int i = 0; i < ranked.size(); i++) {
      TrialResult trial = ranked.get(i);
      out.append("<tr><th scope=\"row\">").append(i + 1).append("</th>").append(outcome(trial)).append(cell(trial.number()));
      names.forEach(option -> out.append(cell(name(trial.settings().getOrDefault(option, "")))));
      out.append("</tr>\n");
    }
    String about =
        result.metric().capital() + " and loss of a trial's best epoch on the validation images. Trials that were trained"
            + " longer come first.";
    return section("variants", heading("Trials", about) + "<div class=\"scroll\">" + out + "</tbody></table></div>\n");
  }

  private static String outcome(TrialResult trial) {
    return trial.divergedAt().isPresent() ? "<td colspan=\"3\">" + escape(trial.failure()) + "</td>"
        : trial.best().map(e -> cell(percent(e.validationScore(), 2)) + cell(number(e.validationLoss()))
            + cell(trial.curve().size())).orElse("<td colspan=\"3\"></td>");
  }

  private static String cell(Object html) {
    return "<td>" + html + "</td>";
  }

  private String parallel() {
    int epochs = firstEpochs();
    List<ReportParallel.Axis> axes = result.space().dimensions().stream().map(d -> new ReportParallel.Axis(d.name(),
        d.ticks().stream().map(value -> new ReportParallel.Tick(value, d.place(value))).toList())).toList();
    List<ReportParallel.Line> lines = result.trials().stream().filter(t -> t.best(epochs).isPresent()).map(t -> line(t, epochs))
        .toList();
    String about =
        "A line per trial, from blue for the lowest score to orange for the highest; the thick line is the best trial at"
            + " the end. Scores are those of the first rung, after " + epochs(epochs)
            + ", since only there all trials are equally long.";
    return section("space", heading("Settings and scores", about) + "<div class=\"charts\">\n"
        + ReportParallel.html("Parallel coordinates", axes, result.metric().toString(), lines) + "</div>\n");
  }

  private ReportParallel.Line line(TrialResult trial, int epochs) {
    List<Double> places = result.space().dimensions().stream().map(d -> d.place(trial.settings().getOrDefault(d.name(), "")))
        .toList();
    double score = trial.best(epochs).map(EpochMetrics::validationScore).orElse(Double.NaN);
    boolean best = result.best().filter(b -> b.number() == trial.number()).isPresent();
    return new ReportParallel.Line("trial " + trial.number() + ", " + trial.text(), places, score, best);
  }

  private static String epochs(int count) {
    return integer(count) + (count == 1 ? " epoch" : " epochs");
  }

  private String influence() {
    StringBuilder out = new StringBuilder("<table class=\"figures\"><thead><tr><th scope=\"col\">option</th>"
        + "<th scope=\"col\">explained</th><th scope=\"col\">by chance</th><th scope=\"col\">groups</th></tr></thead>\n<tbody>\n");
    for (Influence influence : result.influences()) {
      out.append("<tr><th scope=\"row\">").append(name(influence.option())).append("</th>")
          .append(cell(percent(influence.share(), 0))).append(cell(percent(influence.byChance(), 0)))
          .append(cell(influence.groups())).append("</tr>\n");
    }
    int trials = result.influences().getFirst().trials();
    String about = "The share of the variance of the scores of the first rung that an option alone explains (eta squared of a"
        + " one-way grouping; ranges in three equal groups by rank), and the share that is expected of an option without influence."
        + " Rough: n = " + integer(trials) + (trials == 1 ? " trial." : " trials.");
    return section("influence", heading("What mattered", about) + "<div class=\"scroll\">" + out + "</tbody></table></div>\n");
  }

  private String curves() {
    List<TrialResult> ranked = result.ranked();
    List<TrialResult> longest = ranked.stream().filter(t -> t.curve().size() > firstEpochs()).limit(MAX_CURVES).toList();
    ReportCharts.Lines score = ReportCharts.lines(result.metric().capital(), "epoch", "of the validation images")
        .scale(ReportCharts.Scale.PERCENT);
    ReportCharts.Lines loss = ReportCharts.lines("Loss", "epoch", "of the validation images");
    for (TrialResult trial : longest) {
      score = score.series("trial " + trial.number(), points(trial, EpochMetrics::validationScore));
      loss = loss.series("trial " + trial.number(), points(trial, EpochMetrics::validationLoss));
    }
    String about = "Of the " + (longest.size() == MAX_CURVES ? integer(MAX_CURVES) + " best trials" : "trials")
        + " that were trained beyond the first rung.";
    return section("curves", heading("Learning curves", about) + "<div class=\"charts\">\n" + score.html() + loss.html()
        + "</div>\n");
  }

  private static List<ReportCharts.Point> points(TrialResult trial, ToDoubleFunction<EpochMetrics> of) {
    return trial.curve().stream().map(e -> new ReportCharts.Point(e.epoch(), of.applyAsDouble(e))).toList();
  }

  private String settings() {
    return section("settings", heading("Settings", "What was searched, how, and the options that all trials have in common.")
        + ReportPage.table(result.settings()));
  }

  private String again() {
    if (command.isEmpty()) {
      return "";
    }
    String about = "The command of the best trial. It gives the network in " + name(result.best().orElseThrow().folder())
        + " again, to the last bit.";
    return section("again", heading("Train the best", about) + "<pre>" + ReportPage.command(command) + "</pre>\n");
  }
}

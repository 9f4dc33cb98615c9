package dev.fovea.report;

import static dev.fovea.report.ReportPage.escape;
import static dev.fovea.report.ReportPage.heading;
import static dev.fovea.report.ReportPage.integer;
import static dev.fovea.report.ReportPage.name;
import static dev.fovea.report.ReportPage.number;
import static dev.fovea.report.ReportPage.percent;
import static dev.fovea.report.ReportPage.score;
import static dev.fovea.report.ReportPage.section;

import dev.fovea.data.Dataset;
import dev.fovea.format.AtomicFile;
import dev.fovea.graph.Backend;
import dev.fovea.graph.Backends;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Interval;
import dev.fovea.metric.LabelMetrics;
import dev.fovea.metric.Metrics;
import dev.fovea.metric.NumberMetrics;
import dev.fovea.metric.Scores;
import dev.fovea.model.Model;
import dev.fovea.model.Summary;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.LossSettings;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The report of a training run on one page, {@code report.html}: metrics, learning curves, confusion matrix, mistakes, filters of
 * the first layer, settings, and the command of the run. The file is self-contained, also for offline use and printing, and the
 * same run on the same machine writes the same bytes.
 */
public final class Report {
  /** The name of the setting with the number of skipped files of the data. */
  public static final String LEFT_OUT = "left_out";

  private static final int TRAIN = 0;
  private static final int VALIDATION = 1;
  private static final int LEARNING_RATE = 7;

  private final Contents run;
  private final Metrics result;

  private Report(Contents run) {
    this.run = run;
    this.result = run.test.orElse(run.validation);
  }

  /**
   * The content of a report.
   *
   * @param configuration the run's settings, in the order in which they are listed
   * @param curve the epochs in order; may be empty
   * @param validation of the model on the data by which it was selected
   * @param test of the model on data not used for any selection
   * @param model with the parameters that were evaluated
   * @param mistakesFrom the images of {@code test}, or of {@code validation} without a test
   * @param command the command line of the run
   * @param scores of a classifier with one label for the images of {@code test}, if they are kept
   * @param findings what was found to be wrong while it trained, a sentence each
   */
  public record Contents(
      String title,
      Map<String, String> configuration,
      List<EpochMetrics> curve,
      Metrics validation,
      Optional<Metrics> test,
      Model model,
      Dataset mistakesFrom,
      String command,
      Optional<Scores> scores,
      List<String> findings) {
    public Contents {
      configuration = Collections.unmodifiableMap(new LinkedHashMap<>(configuration));
      curve = List.copyOf(curve);
      findings = List.copyOf(findings);
    }

    /** Without scores and findings. */
    public Contents(String title, Map<String, String> configuration, List<EpochMetrics> curve, Metrics validation,
        Optional<Metrics> test, Model model, Dataset mistakesFrom, String command) {
      this(title, configuration, curve, validation, test, model, mistakesFrom, command, Optional.empty(), List.of());
    }

    Contents scores(Scores scores) {
      return new Contents(title, configuration, curve, validation, test, model, mistakesFrom, command, Optional.of(scores),
          findings);
    }
  }

  /** Writes the page atomically. */
  public static void write(Path file, Contents contents) {
    AtomicFile.write(file, html(contents));
  }

  /** The page. */
  static String html(Contents contents) {
    return ReportPage.of(contents.title, new Report(contents).body());
  }

  private String body() {
    return header() + findings() + curves() + results() + filters() + settings() + command();
  }

  private String header() {
    StringBuilder facts = new StringBuilder();
    Map<String, String> entries = facts();
    entries.forEach(
        (term, value) -> facts.append("<div><dt>").append(term).append("</dt><dd>").append(value).append("</dd></div>\n"));
    return """
        <section class="top">
        %s<h1>%s</h1>
        <div class="result">
        <p class="figure"><strong>%s</strong><span>%s on %s</span></p>
        <p>%s</p>
        </div>
        <dl class="facts" style="--n:%d;--half:%d">
        %s</dl>
        </section>
        """
        .formatted(
            ReportPage.brand("Fovea run report"), name(run.title), score(result.metric(), result.score()), result.metric(),
            run.test.isPresent() ? "test" : "validation", sentence(),
            entries.size(), Math.ceilDiv(entries.size(), 2), facts);
  }

  private String sentence() {
    return switch (result) {
      case Evaluation shown -> shown.ofPixels() ? pixels(shown) : images(shown);
      case LabelMetrics shown -> ReportMetrics.sentence(shown, run.mistakesFrom.name());
      case NumberMetrics shown -> ReportMetrics.sentence(shown, run.mistakesFrom.name());
    };
  }

  private String results() {
    return switch (result) {
      case Evaluation shown -> confusion(shown) + probabilities() + mistakes(shown);
      case LabelMetrics shown -> ReportMetrics.html(shown);
      case NumberMetrics shown -> ReportMetrics.html(shown);
    };
  }

  /** Without a confidence interval, since the pixels of an image are not independent. */
  private String pixels(Evaluation shown) {
    return "Of " + integer(shown.count()) + " labelled pixels of " + integer(run.mistakesFrom.size()) + " images of "
        + name(run.mistakesFrom.name()) + ", " + integer(shown.correct()) + " are classified correctly and "
        + integer(shown.errors()) + " are not. Mean IoU is the mean over the classes of intersection over union.";
  }

  /** With Wilson's score interval as confidence interval. */
  private String images(Evaluation shown) {
    Interval interval = Interval.wilson(shown.correct(), shown.count());
    String counts = "Of " + integer(shown.count()) + " images of " + name(run.mistakesFrom.name()) + ", "
        + integer(shown.correct()) + " are classified correctly and " + integer(shown.errors()) + " are not.";
    return shown.count() == 0 ? counts
        : counts + " The 95\u00A0% confidence interval of the accuracy is "
            + percent(interval.low(), 2) + " to " + percent(interval.high(), 2) + ".";
  }

  private Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("network", name(run.model.card().network()));
    facts.put("data", name(run.mistakesFrom.name()));
    Optional.ofNullable(run.configuration.get(LEFT_OUT)).ifPresent(counts -> facts.put("skipped files", escape(counts)));
    facts.put("parameters", integer(Summary.of(run.model.graph()).trainable()));
    facts.put(run.test.isPresent() ? "test loss" : "validation loss", number(result.loss()));
    run.test.ifPresent(
        _ -> facts.put("validation " + result.metric(), score(result.metric(), run.validation.score())));
    if (result instanceof Evaluation shown && shown.ofPixels()) {
      facts.put("pixel accuracy", percent(shown.accuracy(), 2));
    }
    facts.put("epochs", integer(run.curve.size()));
    seed().ifPresent(seed -> facts.put("seed", name(seed)));
    facts.put("fingerprint", "<code>" + fingerprint().substring(0, 12) + "</code>");
    return facts;
  }

  private Optional<String> seed() {
    return Optional.ofNullable(run.configuration.get("seed"))
        .or(() -> Optional.ofNullable(run.model.card().provenance().get("seed")));
  }

  private String fingerprint() {
    return run.model.parameters().fingerprint();
  }

  private String findings() {
    if (run.findings.isEmpty()) {
      return "";
    }
    String items = run.findings.stream().map(text -> "<li>" + escape(text) + "</li>\n").collect(Collectors.joining());
    return section("findings",
        heading("Findings", "What was wrong while the network was trained.") + "<ul>\n" + items + "</ul>\n");
  }

  private String curves() {
    if (run.curve.isEmpty()) {
      return section("curves", heading("Learning curves", "") + "<p class=\"nothing\">No epoch was recorded.</p>\n");
    }
    String standard = switch (result) {
      case Evaluation _ -> "cross-entropy";
      case LabelMetrics _ -> "binary cross-entropy";
      case NumberMetrics _ -> "mse of standardised numbers";
    };
    String trained = run.configuration.getOrDefault(LossSettings.LOSS, standard);
    ReportCharts.Lines loss = ReportCharts
        .lines("Loss", "epoch", trained.equals(standard) ? trained : "train: " + trained + ", validation: " + standard)
        .series("train", TRAIN, points(EpochMetrics::trainLoss))
        .series("validation", VALIDATION, points(EpochMetrics::validationLoss));
    ReportCharts.Lines scores = ReportCharts.lines(result.metric().capital(), "epoch", "of the validation " + units())
        .scale(result.metric().isShare() ? ReportCharts.Scale.PERCENT : ReportCharts.Scale.LINEAR)
        .series("validation", VALIDATION, points(EpochMetrics::validationScore));
    ReportCharts.Lines learningRate = ReportCharts.lines("Learning rate", "epoch", "at the end of the epoch")
        .scale(ReportCharts.Scale.LINEAR)
        .series("learning rate", LEARNING_RATE, points(EpochMetrics::learningRate));
    String about = "The training loss is the mean over the steps of the epoch; the validation loss is computed at its end, "
        + "so in early epochs it may be lower.";
    return section("curves", heading("Learning curves", about) + "<div class=\"charts\">\n" + loss.html()
        + best().map(e -> scores.mark(e.epoch(), "best, epoch " + e.epoch())).orElse(scores).html() + learningRate.html()
        + epochs()
        + "</div>\n");
  }

  /** The epoch with the highest score, or of several the one with the lowest loss, as in {@code best.safetensors}. */
  private Optional<EpochMetrics> best() {
    return run.curve.stream()
        .filter(e -> Double.isFinite(e.validationScore()))
        .max(EpochMetrics.BY_SCORE);
  }

  private List<ReportCharts.Point> points(ToDoubleFunction<EpochMetrics> of) {
    return run.curve.stream().map(e -> new ReportCharts.Point(e.epoch(), of.applyAsDouble(e))).toList();
  }

  private String epochs() {
    StringBuilder out = new StringBuilder()
        .append("<figure class=\"epochs\"><figcaption><b>Metrics per epoch</b></figcaption>\n<div class=\"scroll tall\">")
        .append("<table class=\"figures\"><thead><tr><th scope=\"col\">epoch</th><th scope=\"col\">train loss</th>")
        .append("<th scope=\"col\">validation loss</th><th scope=\"col\">").append(result.metric())
        .append("</th></tr></thead>\n<tbody>\n");
    for (EpochMetrics e : run.curve) {
      out.append("<tr><th scope=\"row\">").append(e.epoch()).append("</th><td>").append(number(e.trainLoss())).append("</td><td>")
          .append(number(e.validationLoss())).append("</td><td>").append(score(result.metric(), e.validationScore()))
          .append("</td></tr>\n");
    }
    return out.append("</tbody></table></div></figure>\n").toString();
  }

  private String confusion(Evaluation shown) {
    ReportMatrix matrix = new ReportMatrix(shown);
    return section("confusion", heading("Confusion matrix", "") + matrix.html())
        + section("by-class",
            heading("Metrics per class", "Precision: the share of correct ones among the " + units() + " predicted as the class. "
                + "Recall: the share of correct ones among the " + units() + " of the class. F1 is their harmonic mean."
                + (shown.ofPixels() ? " IoU: pixels of the class that are predicted as it, over pixels that are either." : ""))
                + matrix.classes());
  }

  private String probabilities() {
    return run.scores.map(scores -> new ReportCurves(scores).html()).orElse("");
  }

  private String units() {
    return result instanceof Evaluation shown && shown.ofPixels() ? "pixels" : "images";
  }

  private String mistakes(Evaluation shown) {
    if (shown.ofPixels()) {
      return "";
    }
    if (shown.worst().isEmpty()) {
      return section("mistakes", heading("Most confident mistakes", "") + "<p class=\"nothing\">There are none.</p>\n");
    }
    String which = shown.errors() == shown.worst().size()
        ? "All " + integer(shown.errors()) + ", the most confident first"
        : "The " + shown.worst().size() + " most confident of " + integer(shown.errors());
    return section("mistakes", heading("Most confident mistakes", which + "; the predicted probability is in brackets.")
        + ReportImages.mistakes(shown.worst(), shown.classes(), run.mistakesFrom));
  }

  private String filters() {
    return ReportImages.filters(run.model).map(f -> {
      String colours = f.colour()
          ? "Colours are the weights of the red, green and blue channels; grey is zero."
          : "Red is positive, blue is negative, the background is zero.";
      String some = f.shown() < f.count() ? "The first " + f.shown() + " of " + integer(f.count()) + ". " : "";
      String about = "The weights of <code>" + name(f.layer()) + "</code>, "
          + (f.kind().equals("filter") ? "one image per filter" : "one image per unit") + ". " + some + colours
          + " Each is scaled by its largest absolute weight, given below it.";
      return section("first", heading("Weights of the first layer", about) + ReportImages.html(f));
    }).orElse("");
  }

  private String settings() {
    Map<String, String> provenance = new LinkedHashMap<>(run.model.card().provenance());
    provenance.keySet().removeAll(run.configuration.keySet());
    String origin = provenance.isEmpty() ? "" : "<div><h3>Provenance</h3>\n" + ReportPage.table(provenance) + "</div>\n";
    return section("settings", heading("Settings", "") + "<div class=\"columns\">\n<div><h3>Configuration</h3>\n"
        + (run.configuration.isEmpty() ? "<p class=\"nothing\">None was recorded.</p>\n" : ReportPage.table(run.configuration))
        + "</div>\n" + origin + "<div><h3>Environment</h3>\n" + ReportPage.table(environment()) + "</div>\n</div>\n");
  }

  private static Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("JDK", Runtime.version() + ", " + System.getProperty("java.vendor", "unknown vendor"));
    environment.put("engine", engine());
    environment.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
    environment.put("system", System.getProperty("os.name", "unknown") + " on " + System.getProperty("os.arch", "unknown"));
    environment.put("heap", integer(Runtime.getRuntime().maxMemory() >> 20) + " MB at most");
    return environment;
  }

  private static String engine() {
    try {
      Backend backend = Backends.find();
      String text = backend.describe();
      return text.startsWith(backend.name()) ? text : backend.name() + ": " + text;
    } catch (FoveaException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private String command() {
    String about = "The same command, data and version give the same parameters to the last bit, on any number of threads. "
        + "Compare the fingerprints.";
    return section("again", heading("Run it again", about) + "<pre>" + ReportPage.command(run.command) + "</pre>\n"
        + "<p class=\"hash\">fingerprint <code>" + fingerprint() + "</code></p>\n");
  }
}

package dev.fovea.cli.command;

import dev.fovea.cli.console.ComparisonText;
import dev.fovea.cli.console.Failures;
import dev.fovea.cli.console.OutputFolder;
import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.data.ImageFiles;
import dev.fovea.data.UnreadableImages;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Method;
import dev.fovea.explain.method.Methods;
import dev.fovea.explain.quality.MethodComparison;
import dev.fovea.explain.quality.MethodComparisonPage;
import dev.fovea.format.AtomicFile;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares methods of explaining on images. */
@CommandLine.Command(
    name = "compare",
    header = "Compare methods: which maps are any good.",
    description = {
        "For each method the probability of the class while pixels are removed or shown in the map's order, what is lost if the image"
            + " is shown as the map says, how like the maps of networks with shuffled weights are, and how methods agree. Writes"
            + " compare.html and compare.json."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea explain compare runs/flowers photos --methods grad-cam,occlusion,rise --out compared"})
final class ExplainCompareCommand implements Command {
  /** Images whose maps the page shows. */
  private static final int SHOWN = 8;

  private final Streams streams;

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Parameters(index = "1", paramLabel = "FOLDER", converter = Converters.File.class,
      description = "A folder with images, those of its subfolders included, or one image.")
  private Path images = Path.of("");

  @Option(names = "--methods", paramLabel = "NAME", split = ",", description = "The methods. Default: ${DEFAULT-VALUE}.",
      defaultValue = "saliency,integrated-gradients,guided-backprop,grad-cam,occlusion,lrp")
  private List<String> methods = List.of();

  @Option(names = "--images", paramLabel = "N", converter = Converters.Count.class,
      description = "Use no more images than this, evenly chosen. Default: all.")
  private int limit = Integer.MAX_VALUE;

  @Option(names = "--masks", paramLabel = "N", converter = Converters.Count.class,
      description = "The number of random masks of rise. Default: 2000.")
  private int masks = Methods.STANDARD.masks();

  @Option(names = "--out", paramLabel = "FOLDER", converter = Converters.File.class, required = true,
      description = "The folder for the files; it is created if it does not exist.")
  private Path out = Path.of("");

  @Option(names = "--json", description = "Print one JSON object: methods, each with its means, and agreement.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  ExplainCompareCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    List<Method> chosen = methods();
    List<Path> files = files();
    OutputFolder.create(out);
    Model loaded = model.load();
    Explainer explainer = Explainer.of(loaded).threads(model.threads());
    MethodComparison.Builder builder = new MethodComparison.Builder(explainer, chosen);
    List<Image> shown = new ArrayList<>();
    Failures failures = new Failures();
    try (ProgressLine progress = streams.progress("compared", files.size())) {
      progress.accept(0);
      for (int i = 0; i < files.size(); i++) {
        try {
          Image image = loaded.card().preprocessing().fit(ImageFiles.read(files.get(i)));
          Hint.at(model.path(), () -> builder.add(explainer.input(image)));
          if (shown.size() < SHOWN) {
            shown.add(image);
          }
        } catch (UnreadableImages e) {
          failures.add(files.get(i), e);
        }
        progress.accept(i + 1);
      }
    }
    if (shown.isEmpty()) {
      return failures.report(streams, files.size());
    }
    MethodComparison comparison = builder.build();
    String text = ComparisonText.json(comparison).toString();
    AtomicFile.write(out.resolve("compare.json"), (text + "\n").getBytes(StandardCharsets.UTF_8));
    MethodComparisonPage.write(out.resolve("compare.html"), loaded.card().network(), comparison, shown);
    if (json) {
      streams.json(text);
    } else {
      streams.print(ComparisonText.of(comparison));
    }
    return failures.report(streams, files.size());
  }

  private List<Method> methods() {
    try {
      Methods all = new Methods(Methods.STANDARD.layer(), Methods.STANDARD.window(), Methods.STANDARD.stride(), masks,
          Methods.STANDARD.rule(), Methods.STANDARD.seed());
      return methods.stream().distinct().map(all::named).toList();
    } catch (FoveaException e) {
      throw new UsageException("--methods: " + e.getMessage());
    }
  }

  private List<Path> files() {
    List<Path> all = Files.isDirectory(images) ? ImageFiles.in(images, streams::say) : List.of(images);
    if (all.isEmpty()) {
      throw new FoveaException(images + ": is a folder without images");
    }
    int count = Math.min(limit, all.size());
    List<Path> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      some.add(all.get((int) ((long) i * all.size() / count)));
    }
    return some;
  }
}

package dev.fovea.cli.command;

import dev.fovea.cli.console.OutputFolder;
import dev.fovea.cli.console.Passes;
import dev.fovea.cli.console.PortraitJson;
import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.CardOptions;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.EvaluationData;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.data.Dataset;
import dev.fovea.data.ImageFiles;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.look.ActivationMaximisation;
import dev.fovea.explain.look.Portrait;
import dev.fovea.explain.look.PortraitPage;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws a portrait of a network. */
@CommandLine.Command(
    name = "look",
    header = "Draw a portrait of a network: what its filters look for.",
    description = {
        "Writes look.html, one page: the filters of the first layer; the maps of all layers for an image, and each number's products;"
            + " of every map of one layer the nine patches of the training images that excite it most, what of them does so, an image"
            + " found by gradient ascent, and the accuracy without it; dead and duplicate filters; what is confused, and the images"
            + " nearest to it."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea look runs/digits --data mnist:/data/mnist --layer conv2 --out portrait"})
final class LookCommand implements Command {
  /** Patches of each map. */
  private static final int PATCHES = 9;

  /** Forward passes that the accuracies without each map may take, about. */
  private static final int ABLATION_PASSES = 20_000;

  private final Streams streams;

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final EvaluationData data = new EvaluationData();

  @Option(names = "--layer", paramLabel = "PATH",
      description = "The layer whose maps are looked at, as fovea summary names it. Default: the last maps before the classifier.")
  private Optional<String> layer = Optional.empty();

  @Option(names = "--maps", paramLabel = "N", converter = Converters.Count.class,
      description = "Maps of the layer that the page shows, the first ones, at most; --json has the patches of all. Default: 128.")
  private int maps = 128;

  @Option(names = "--image", paramLabel = "FILE", converter = Converters.File.class,
      description = "The image whose maps are shown. Default: the first test image.")
  private Optional<Path> image = Optional.empty();

  @Option(names = "--images", paramLabel = "N", converter = Converters.Count.class,
      description = "Test images for what is confused and the statistics of layers, at most, evenly chosen. Default: 500.")
  private int images = 500;

  @Option(names = "--ablation", paramLabel = "N", converter = Converters.Index.class,
      description = "Test images for the accuracy without each map, at most; 0 leaves it out. Default: so that about 20,000 forward"
          + " passes are run.")
  private Optional<Integer> ablation = Optional.empty();

  @Option(names = "--maximise", paramLabel = "N", converter = Converters.Index.class,
      description = "Maps for which an image is found by gradient ascent; 0 leaves it out. Default: 16.")
  private int maximise = 16;

  @Option(names = "--seed", paramLabel = "N", converter = Converters.Seed.class,
      description = "The seed of the noise that gradient ascent begins with. Default: 1.")
  private long seed = 1;

  @Option(names = "--out", paramLabel = "FOLDER", converter = Converters.File.class, required = true,
      description = "The folder for the page; it is created if it does not exist.")
  private Path out = Path.of("");

  @Option(names = "--json",
      description = "Print one JSON object: layer, maps, each with its patches and the accuracy without it, unexcited, duplicates, layers,"
          + " and page.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  LookCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Model loaded = model.loadAny();
    CardOptions.assumptions(loaded.card()).forEach(streams::say);
    Explainer explainer = model.explainer(loaded, Optional.empty());
    Portrait portrait = Hint.at(model.path(), () -> Portrait.of(explainer, layer));
    Optional<Dataset> training = data.known(loaded) ? Optional.of(data.training(loaded, streams)) : Optional.empty();
    Optional<Dataset> test = training.isPresent() ? test(loaded) : Optional.empty();
    Optional<Image> seen = image.map(ImageFiles::read).or(() -> test.or(() -> training).map(of -> of.image(0)));
    OutputFolder.create(out);
    seen.ifPresent(portrait::image);
    if (portrait.layer().isPresent()) {
      maps(portrait, explainer, training);
    } else {
      streams.say("the network has no maps: what shows maps is left out");
    }
    test.ifPresent(of -> measure(portrait, of));
    Path page = PortraitPage.in(out);
    PortraitPage.write(page, portrait);
    if (json) {
      streams.json(PortraitJson.of(portrait, training).put("page", page.toString()));
    } else {
      portrait.layer().ifPresent(of -> streams.print("%-8s %s%n%-8s %d%n".formatted("layer", of, "maps", portrait.mapCount())));
      streams.print("%-8s %s%n".formatted("page", page));
    }
    return 0;
  }

  /** Test images of the model's classes; none if the model has none, or the data others. */
  private Optional<Dataset> test(Model loaded) {
    if (!loaded.classifies()) {
      return Optional.empty();
    }
    try {
      return Optional.of(data.test(loaded, streams));
    } catch (FoveaException e) {
      streams.say(e.getMessage() + "; what needs the classes is left out");
      return Optional.empty();
    }
  }

  private void maps(Portrait portrait, Explainer network, Optional<Dataset> training) {
    training.ifPresent(of -> patches(portrait, network, of));
    Optional<String> obstacle = portrait.obstacle();
    if (obstacle.isPresent()) {
      streams.say(obstacle.get() + "; projections and images by gradient ascent are left out");
    } else {
      project(portrait);
      maximise(portrait);
    }
  }

  private void patches(Portrait portrait, Explainer network, Dataset training) {
    Passes.say(streams, network, training.size(), true);
    progress("images searched for patches", training.size(), done -> portrait.patches(training, PATCHES, done));
  }

  private void project(Portrait portrait) {
    if (portrait.patches().isEmpty()) {
      return;
    }
    int shown = Math.min(maps, portrait.mapCount());
    progress("maps projected back", shown, done -> portrait.project(shown, done));
  }

  private void maximise(Portrait portrait) {
    int count = Math.min(Math.min(maximise, maps), portrait.mapCount());
    if (count > 0) {
      ActivationMaximisation standard = ActivationMaximisation.STANDARD;
      ActivationMaximisation seeded = new ActivationMaximisation(standard.steps(), standard.rate(), standard.decay(),
          standard.jitter(), standard.blurEvery(), seed);
      progress("steps of gradient ascent", count * seeded.steps(), done -> portrait.maximise(seeded, count, done));
    }
  }

  private void measure(Portrait portrait, Dataset test) {
    Dataset some = EvaluationData.evenly(test, images);
    if (some.size() > 1) {
      progress("images measured", some.size(), done -> portrait.survey(some, done));
    }
    progress("images compared", some.size(), done -> portrait.neighbourhood(some, done));
    if (portrait.layer().isEmpty()) {
      return;
    }
    int passes = portrait.mapCount() + 1;
    int count = ablation.orElse(Math.clamp(ABLATION_PASSES / passes, 1, images));
    if (count > 0) {
      Dataset fewer = EvaluationData.evenly(test, Math.min(count, Integer.MAX_VALUE / passes));
      progress("images without a map", passes * fewer.size(), done -> portrait.ablation(fewer, done));
    }
  }

  private void progress(String what, int total, Consumer<IntConsumer> action) {
    try (ProgressLine line = streams.progress(what, total)) {
      line.accept(0);
      action.accept(line);
    }
  }
}

package dev.fovea.cli.command;

import dev.fovea.cli.console.Failures;
import dev.fovea.cli.console.Interruption;
import dev.fovea.cli.console.PredictionCsv;
import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.SegmentedFiles;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.CardOptions;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.cli.option.ViewsOption;
import dev.fovea.data.ImageFiles;
import dev.fovea.data.UnreadableImages;
import dev.fovea.format.AtomicFile;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoders;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.model.BatchPredictor;
import dev.fovea.model.Model;
import dev.fovea.model.Prediction;
import dev.fovea.model.Segmentation;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Classifies or segments images, or predicts their numbers. */
@CommandLine.Command(
    name = "predict",
    header = "Classify images, segment them, or predict their numbers.",
    description = {
        "Images that cannot be read are reported on standard error at the end, and the exit code is 1; the others are predicted.",
        "For an image NAME.png a segmentation model also writes NAME-labels.png, a palette image that holds the class index of"
            + " each pixel; NAME-overlay.png, the image with the classes' colours over it; and NAME-legend.png, the colour of"
            + " each class. With --csv it writes only their shares."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea predict runs/mnist seven.png four.jpg --top 3",
        "  fovea predict runs/mnist scans --csv digits.csv"})
final class PredictCommand implements Command {
  private static final Path STANDARD_OUTPUT = Path.of("-");

  private final Streams streams;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE",
      converter = Converters.File.class,
      description = "Images: PNG, JPEG, GIF, BMP, TIFF or WebP; or folders, whose images are predicted with those of their subfolders, sorted by"
          + " name. Transparent ones are drawn on white, or on black if what they show would be invisible on white.")
  private List<Path> images = List.of();

  @Option(
      names = "--top",
      paramLabel = "K",
      converter = Converters.Count.class,
      description = "Print the K most probable classes. Default: 1; for segmentation all that occur;"
          + " for several labels those of probability 0.5 or more.")
  private Optional<Integer> top = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      converter = Converters.File.class,
      description = "Where a segmentation model writes its images, also over others. Default: the current folder, only new ones.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--json",
      description = {
          "Print one JSON object: predictions, each with file, label, probability and top;",
          "for several labels with file, labels (those of probability 0.5 or more) and top (all, or --top);",
          "for numbers with file and numbers; for segmentation with file, labels, overlay, legend and shares."})
  private boolean json;

  @Option(names = "--csv", paramLabel = "FILE", converter = Converters.File.class,
      description = {
          "Write comma-separated values, - for standard output: a line for each image with path, label, probability, with --top"
              + " label_2, probability_2 and so on, and error, which says why an image was not predicted;",
          "for several labels path, labels (those of probability 0.5 or more, separated by |), the probability of each class, error;",
          "for numbers path, each number, error; for segmentation path, the share of each class, error.",
          "So that a spreadsheet takes none for a formula, a path that begins with = + - or @ gets ./ before it, a label of two"
              + " characters or more an apostrophe."})
  private Optional<Path> csv = Optional.empty();

  @Mixin
  private final ViewsOption views = new ViewsOption();

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final HelpOption help = new HelpOption();

  PredictCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    if (csv.isPresent() && (json || out.isPresent())) {
      throw new UsageException("--csv: writes neither JSON nor images: leave out " + (json ? "--json" : "--out"));
    }
    Model loaded = model.load();
    CardOptions.assumptions(loaded.card()).forEach(streams::say);
    if (out.isPresent() && !loaded.segments()) {
      throw new UsageException("--out: " + loaded.card().network() + " labels no pixels and writes no images: leave it out");
    }
    boolean numbers = loaded.card().task() instanceof Task.Numbers;
    if (csv.isPresent() && top.isPresent() && loaded.segments()) {
      throw new UsageException("--top: the table has the shares of all classes: leave it out");
    }
    if ((loaded.segments() || numbers) && views.views() != TestTimeAugmentation.NONE) {
      throw new UsageException("--tta: is for classifiers, " + loaded.card().network()
          + (numbers ? " gives numbers" : " labels pixels") + ": leave it out");
    }
    if (numbers && top.isPresent()) {
      throw new UsageException("--top: is for classes, " + loaded.card().network() + " gives numbers: leave it out");
    }
    List<Path> files = files();
    Failures failures = new Failures();
    try (Interruption interruption = new Interruption();
        ProgressLine progress = streams.progress("predicted", files.size())) {
      if (!predict(loaded, new Pass(model.path(), files, failures, csv.isPresent() || json ? progress : _ -> {}, interruption))) {
        // said before the interruption is closed, since the JVM ends then
        streams
            .error("stopped" + csv.map(file -> file.equals(STANDARD_OUTPUT) ? "" : "; " + file + " is not written").orElse(""));
        return Interruption.EXIT_CODE;
      }
    }
    return failures.report(streams, files.size());
  }

  private List<Path> files() {
    List<Path> files = new ArrayList<>();
    for (Path image : images) {
      if (!Files.isDirectory(image)) {
        files.add(image);
        continue;
      }
      List<Path> found = ImageFiles.in(image, streams::say);
      if (found.isEmpty()) {
        throw new FoveaException(image + ": is a folder without images: name one with images, " + ImageDecoders.names());
      }
      files.addAll(found);
    }
    return files;
  }

  private void csv(Model loaded, Path file, Pass pass) {
    if (file.equals(STANDARD_OUTPUT)) {
      csv(loaded, streams.out(), pass);
    } else {
      AtomicFile.write(file, body -> csv(loaded, body, pass));
    }
  }

  private void csv(Model loaded, OutputStream to, Pass pass) {
    List<String> names = loaded.card().task().names();
    if (loaded.segments()) {
      PredictionCsv rows = PredictionCsv.ofSegmentation(to, names);
      predictor(loaded).segment(pass.files.size(), pass::read, pass.results(rows::add, rows::failed));
    } else if (loaded.card().task() instanceof Task.Numbers) {
      PredictionCsv rows = PredictionCsv.ofNumbers(to, names);
      predictor(loaded).numbers(pass.files.size(), pass::read, pass.results(rows::add, rows::failed));
    } else if (severalLabels(loaded) && top.isEmpty()) {
      PredictionCsv rows = PredictionCsv.ofLabels(to, names);
      predictor(loaded).predict(pass.files.size(), pass::read, pass.results(rows::addLabels, rows::failed));
    } else {
      PredictionCsv rows = PredictionCsv.ofClassifier(to, Math.min(top.orElse(1), names.size()));
      predictor(loaded).predict(pass.files.size(), pass::read, pass.results(rows::add, rows::failed));
    }
  }

  private static boolean severalLabels(Model loaded) {
    return loaded.card().task() instanceof Task.SeveralLabels;
  }

  private BatchPredictor predictor(Model loaded) {
    return BatchPredictor.of(loaded, model.threads()).augmentation(views.views());
  }

  /** Prints what is added to the array, if it is to be printed. */
  private void print(Consumer<ArrayNode> predictions) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    predictions.accept(root.putArray("predictions"));
    if (json) {
      streams.json(root);
    }
  }

  private void classify(Model loaded, Pass pass, ArrayNode all) {
    boolean several = severalLabels(loaded);
    predictor(loaded).predict(pass.files.size(), pass::read,
        pass.results((image, prediction) -> add(all, image, prediction, several), (_, _) -> {}));
  }

  private void add(ArrayNode all, Path image, Prediction prediction, boolean several) {
    List<Prediction.Score> found = prediction.atLeast(Prediction.THRESHOLD);
    if (!json) {
      print(image, several && top.isEmpty() ? found : prediction.top(top.orElse(1)));
      return;
    }
    ObjectNode node = all.addObject().put("file", image.toString());
    if (several) {
      ArrayNode labels = node.putArray("labels");
      found.forEach(score -> labels.add(score.label()));
    } else {
      node.put("label", prediction.best().label()).put("probability", prediction.best().probability());
    }
    ArrayNode scores = node.putArray("top");
    prediction.top(top.orElse(several ? prediction.scores().size() : 1))
        .forEach(s -> scores.addObject().put("label", s.label()).put("probability", s.probability()));
  }

  private void numbers(Model loaded, Pass pass, ArrayNode all) {
    predictor(loaded).numbers(pass.files.size(), pass::read,
        pass.results((image, numbers) -> add(all, image, numbers), (_, _) -> {}));
  }

  private void add(ArrayNode all, Path image, Map<String, Double> numbers) {
    if (json) {
      ObjectNode values = all.addObject().put("file", image.toString()).putObject("numbers");
      numbers.forEach(values::put);
      return;
    }
    StringBuilder line = new StringBuilder(Streams.escaped(image));
    numbers.forEach((name, value) -> line.append(String.format(Locale.ROOT, "  %s %.6g", Streams.escaped(name), value)));
    streams.out().println(line);
  }

  private void segment(Model loaded, Pass pass, ArrayNode all) {
    SegmentedFiles written = new SegmentedFiles(out.orElse(Path.of("")), out.isPresent());
    BatchPredictor.Results<Image> each = pass.results((file, image) -> segment(loaded, file, image, written, all), (_, _) -> {});
    for (int i = 0; i < pass.files.size(); i++) {
      try {
        each.predicted(i, pass.read(i));
      } catch (FoveaException e) {
        each.failed(i, e);
      }
    }
  }

  private void segment(Model loaded, Path file, Image image, SegmentedFiles files, ArrayNode all) {
    Segmentation result = Hint.at(model.path(), () -> loaded.segment(image));
    SegmentedFiles.Written written = files.write(file, image, result);
    List<Integer> classes = IntStream.range(0, result.classes().size()).boxed()
        .filter(c -> result.share(c) > 0)
        .sorted(Comparator.comparingDouble(result::share).reversed())
        .limit(top.orElse(Integer.MAX_VALUE))
        .toList();
    if (!json) {
      StringBuilder line = new StringBuilder(Streams.escaped(file));
      classes.forEach(c -> line.append(
          String.format(Locale.ROOT, "  %s %.4f", Streams.escaped(result.classes().get(c)), result.share(c))));
      streams.out().println(line);
      return;
    }
    ObjectNode node = all.addObject();
    node.put("file", file.toString()).put("labels", written.labels().toString()).put("overlay", written.overlay().toString());
    node.put("legend", written.legend().toString());
    ArrayNode shares = node.putArray("shares");
    classes.forEach(c -> shares.addObject().put("label", result.classes().get(c)).put("share", result.share(c)));
  }

  private void print(Path image, List<Prediction.Score> scores) {
    StringBuilder line = new StringBuilder(Streams.escaped(image));
    if (scores.isEmpty()) {
      line.append("  no label");
    }
    scores.forEach(
        s -> line.append(String.format(Locale.ROOT, "  %s %.4f", Streams.escaped(s.label()), s.probability())));
    streams.out().println(line);
  }

  /** Returns whether it came to the end. */
  private boolean predict(Model loaded, Pass pass) {
    try {
      if (csv.isPresent()) {
        csv(loaded, csv.get(), pass);
      } else if (loaded.segments()) {
        print(all -> segment(loaded, pass, all));
      } else if (loaded.card().task() instanceof Task.Numbers) {
        print(all -> numbers(loaded, pass, all));
      } else {
        print(all -> classify(loaded, pass, all));
      }
      return true;
    } catch (Stopped e) {
      return false;
    }
  }

  /** Ends what runs after Ctrl-C. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** One prediction of all files. */
  private record Pass(Path model, List<Path> files, Failures failures, IntConsumer progress, Interruption interruption) {
    Image read(int index) {
      return ImageFiles.read(files.get(index));
    }

    /** Hands results and reasons on with their files, and ends after Ctrl-C. */
    <T> BatchPredictor.Results<T> results(BiConsumer<Path, T> predicted, BiConsumer<Path, String> failed) {
      return new BatchPredictor.Results<>() {
        @Override
        public void predicted(int index, T result) {
          predicted.accept(files.get(index), result);
          done(index);
        }

        @Override
        public void failed(int index, FoveaException reason) {
          Path file = files.get(index);
          String message = String.valueOf(reason.getMessage());
          boolean named =
              reason instanceof UnreadableImages || message.startsWith(file + ": ") || message.startsWith(model + ": ");
          failed.accept(file, failures.add(file, named ? reason : new FoveaException(model + ": " + message, reason)));
          done(index);
        }

        private void done(int index) {
          progress.accept(index + 1);
          if (interruption.requested()) {
            throw new Stopped();
          }
        }
      };
    }
  }
}

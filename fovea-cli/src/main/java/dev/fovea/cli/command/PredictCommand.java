package dev.fovea.cli.command;

import dev.fovea.cli.console.SegmentedFiles;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.CardOptions;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.model.Prediction;
import dev.fovea.model.Segmentation;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Classifies or segments images. */
@CommandLine.Command(
    name = "predict",
    header = "Classify images, or segment them.",
    description = {
        "An image that cannot be read is reported on standard error, and the exit code is 1; the others are predicted.",
        "For an image NAME.png a segmentation model also writes NAME-labels.png, a palette image that holds the class index of"
            + " each pixel; NAME-overlay.png, the image with the classes' colours over it; and NAME-legend.png, the colour of"
            + " each class."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea predict runs/mnist seven.png four.jpg --top 3"})
final class PredictCommand implements Command {
  private final Streams streams;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE",
      converter = Converters.File.class,
      description = "Images: PNG, JPEG, GIF or BMP. Transparent ones are drawn on white, or on black if what they show would be"
          + " invisible on white.")
  private List<Path> images = List.of();

  @Option(
      names = "--top",
      paramLabel = "K",
      converter = Converters.Count.class,
      description = "Print the K most probable classes. Default: 1; for segmentation all that occur.")
  private Optional<Integer> top = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      converter = Converters.File.class,
      description = "Where a segmentation model writes its images. Default: the current folder.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--json",
      description = {
          "Print one JSON object: predictions, each with file, label, probability and top;",
          "for segmentation with file, labels, overlay, legend and shares."})
  private boolean json;

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final HelpOption help = new HelpOption();

  PredictCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Model loaded = model.load();
    CardOptions.assumptions(loaded.card()).forEach(streams::say);
    if (out.isPresent() && !loaded.segments()) {
      throw new UsageException("--out: " + loaded.card().network() + " is a classifier and writes no images: leave it out");
    }
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ArrayNode all = root.putArray("predictions");
    SegmentedFiles files = new SegmentedFiles(out.orElse(Path.of("")));
    int code = 0;
    for (Path image : images) {
      try {
        if (loaded.segments()) {
          segment(loaded, image, files, all);
        } else {
          predict(loaded, image, all);
        }
      } catch (FoveaException e) {
        streams.error(Hint.message(e));
        code = 1;
      }
    }
    if (json) {
      streams.json(root);
    }
    return code;
  }

  private void predict(Model loaded, Path image, ArrayNode all) {
    Image read = Image.read(image);
    Prediction prediction = Hint.at(model.path(), () -> loaded.predict(read));
    if (json) {
      add(all, image, prediction);
    } else {
      print(image, prediction);
    }
  }

  private void segment(Model loaded, Path file, SegmentedFiles files, ArrayNode all) {
    Image image = Image.read(file);
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

  private void add(ArrayNode all, Path image, Prediction prediction) {
    ObjectNode node = all.addObject();
    node.put("file", image.toString()).put("label", prediction.best().label()).put("probability",
        prediction.best().probability());
    ArrayNode scores = node.putArray("top");
    prediction.top(top.orElse(1)).forEach(s -> scores.addObject().put("label", s.label()).put("probability", s.probability()));
  }

  private void print(Path image, Prediction prediction) {
    StringBuilder line = new StringBuilder(Streams.escaped(image));
    prediction.top(top.orElse(1)).forEach(
        s -> line.append(String.format(Locale.ROOT, "  %s %.4f", Streams.escaped(s.label()), s.probability())));
    streams.out().println(line);
  }
}

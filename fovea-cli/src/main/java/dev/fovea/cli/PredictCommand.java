package dev.fovea.cli;

import dev.fovea.model.Model;
import dev.fovea.model.Prediction;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Says what pictures show. */
@CommandLine.Command(
    name = "predict",
    header = "Say what pictures show.",
    description = "A picture that cannot be read is told on standard error, and the exit code is 1; the others are answered.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea predict runs/mnist seven.png four.jpg --top 3"})
final class PredictCommand implements Command {
  private final Streams streams;

  @Parameters(index = "0", paramLabel = "MODEL", converter = Converters.File.class,
      description = "A model's file, or a run folder.")
  private Path model = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE",
      converter = Converters.File.class,
      description = "Pictures: PNG, JPEG, GIF or BMP.")
  private List<Path> images = List.of();

  @Option(
      names = "--top",
      paramLabel = "K",
      converter = Converters.Count.class,
      description = "How many of the likeliest classes to tell (1).")
  private int top = 1;

  @Option(names = "--json",
      description = "Print one JSON object: predictions, each with file, label, probability and top.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  PredictCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Model loaded = RunFolder.model(model);
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ArrayNode all = root.putArray("predictions");
    int code = 0;
    for (Path image : images) {
      try {
        Prediction prediction = loaded.predict(image);
        if (json) {
          add(all, image, prediction);
        } else {
          print(image, prediction);
        }
      } catch (FoveaException e) {
        streams.error(e.getMessage());
        code = 1;
      }
    }
    if (json) {
      streams.json(root);
    }
    return code;
  }

  private void add(ArrayNode all, Path image, Prediction prediction) {
    ObjectNode node = all.addObject();
    node.put("file", image.toString()).put("label", prediction.best().label()).put("probability",
        prediction.best().probability());
    ArrayNode scores = node.putArray("top");
    prediction.top(top).forEach(s -> scores.addObject().put("label", s.label()).put("probability", s.probability()));
  }

  private void print(Path image, Prediction prediction) {
    StringBuilder line = new StringBuilder(image.toString());
    prediction.top(top).forEach(s -> line.append(String.format(Locale.ROOT, "  %s %.4f", s.label(), s.probability())));
    streams.out().println(line);
  }
}

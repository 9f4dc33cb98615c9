package dev.fovea.cli.command;

import dev.fovea.cli.console.ExplanationFiles;
import dev.fovea.cli.console.Failures;
import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.CardOptions;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.data.ImageFiles;
import dev.fovea.data.UnreadableImages;
import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Method;
import dev.fovea.explain.Target;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Explains answers for images by one method, or several. */
@CommandLine.Command(
    description = {
        "For an image NAME.png and a method writes NAME-METHOD.npy, the raw map as float32; NAME-METHOD.png, the map in colours with"
            + " its scale; NAME-METHOD-overlay.png, the map over the image; and NAME-METHOD.json, what is known about it. With several"
            + " methods also NAME-all.png, all of them next to each other."
    },
    sortOptions = false,
    abbreviateSynopsis = true)
final class ExplainMethodCommand implements Command {
  private final Streams streams;
  private final Supplier<List<Method>> methods;

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", converter = Converters.File.class,
      description = "Images that the network classifies.")
  private List<Path> images = List.of();

  @Option(names = "--class", paramLabel = "NAME|N",
      description = "The class that is explained, by its name or its index. Default: the one with the highest score.")
  private Optional<String> target = Optional.empty();

  @Option(names = "--out", paramLabel = "FOLDER", converter = Converters.File.class, required = true,
      description = "The folder for the files; it is created if it does not exist.")
  private Path out = Path.of("");

  @Option(names = "--json", description = "Print one JSON object: explanations, each with image, method, class, score and files.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  ExplainMethodCommand(Streams streams, Supplier<List<Method>> methods) {
    this.streams = streams;
    this.methods = methods;
  }

  @Override
  public int run() {
    List<Method> chosen = methods.get();
    Model loaded = model.load();
    CardOptions.assumptions(loaded.card()).forEach(streams::say);
    Explainer explainer = Explainer.of(loaded).threads(model.threads());
    ExplanationFiles files = new ExplanationFiles(out, images);
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    Failures failures = new Failures();
    try (ProgressLine progress = streams.progress("explained", images.size() * chosen.size())) {
      for (Path file : images) {
        try {
          explain(explainer, chosen, file, files, all, progress);
        } catch (UnreadableImages e) {
          failures.add(file, e);
        }
      }
    }
    if (json) {
      streams.json(JsonNodeFactory.instance.objectNode().set("explanations", all));
    }
    return failures.report(streams, images.size());
  }

  private void explain(Explainer explainer, List<Method> chosen, Path file, ExplanationFiles files, ArrayNode all,
      IntConsumer progress) {
    Image image = ImageFiles.read(file);
    Tensor input = explainer.input(image);
    Answer answer = Hint.at(model.path(), () -> explainer.answer(input, target()));
    List<Attribution> attributions = new ArrayList<>();
    for (Method method : chosen) {
      Attribution attribution = Hint.at(model.path(), () -> method.explain(explainer, input, answer));
      attributions.add(attribution);
      all.add(files.write(file, image, explainer.model(), attribution));
      if (!json) {
        streams.print(ExplanationFiles.line(file, attribution));
      }
      progress.accept(all.size());
    }
    if (attributions.size() > 1) {
      files.sheet(file, image, explainer.model(), attributions);
    }
  }

  /** A number is an index, unless a class has it as its name. */
  private Target target() {
    if (target.isEmpty()) {
      return Target.HIGHEST;
    }
    String given = target.get();
    return given.matches("\\d{1,9}") ? new Target.Index(Integer.parseInt(given)) : new Target.Name(given);
  }
}

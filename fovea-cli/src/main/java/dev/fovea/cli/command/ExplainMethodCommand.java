package dev.fovea.cli.command;

import dev.fovea.cli.console.ExplanationFiles;
import dev.fovea.cli.console.Failures;
import dev.fovea.cli.console.Passes;
import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.ExplainedAnswer;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.data.ImageFiles;
import dev.fovea.data.UnreadableImages;
import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.InapplicableMethodException;
import dev.fovea.explain.Method;
import dev.fovea.image.Image;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  private final ExplainedAnswer answer = new ExplainedAnswer();

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", converter = Converters.File.class,
      description = "Images that the network classifies.")
  private List<Path> images = List.of();

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
    Explainer loaded = answer.explainer(streams);
    List<Method> chosen = new ArrayList<>(methods.get());
    ExplanationFiles files = new ExplanationFiles(out, images);
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    Failures failures = new Failures();
    long passes = images.size() * passes(loaded, chosen);
    Passes.say(streams, loaded, passes, chosen.stream().anyMatch(Method::differentiates));
    try (ProgressLine progress = streams.progress("forward passes", (int) Math.min(Integer.MAX_VALUE, passes))) {
      progress.accept(0);
      Explainer explainer = loaded.listen(progress);
      for (Path file : images) {
        try {
          explain(explainer, chosen, file, files, all);
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

  /** For an image, of the methods that the network's layers allow; the others are removed. */
  private long passes(Explainer network, List<Method> chosen) {
    long passes = 1;
    for (Method method : List.copyOf(chosen)) {
      try {
        passes += Hint.at(answer.path(), () -> method.passes(network));
      } catch (FoveaException e) {
        leaveOut(method, chosen, e);
      }
    }
    return passes;
  }

  /** If that is why it failed, and there are others. */
  private void leaveOut(Method method, List<Method> chosen, FoveaException e) {
    if (chosen.size() == 1 || !(e.getCause() instanceof InapplicableMethodException why)) {
      throw e;
    }
    chosen.remove(method);
    streams.say(method.name() + " is left out: " + why.getMessage());
  }

  private void explain(Explainer explainer, List<Method> chosen, Path file, ExplanationFiles files, ArrayNode all) {
    Image image = ImageFiles.read(file);
    Tensor input = explainer.input(image);
    Answer explained = answer.answer(explainer, input);
    List<Attribution> attributions = new ArrayList<>();
    for (Method method : List.copyOf(chosen)) {
      try {
        Attribution attribution = Hint.at(answer.path(), () -> method.explain(explainer, input, explained));
        attributions.add(attribution);
        all.add(files.write(file, image, explainer.model(), attribution));
        if (!json) {
          streams.print(ExplanationFiles.line(file, attribution));
        }
      } catch (FoveaException e) {
        leaveOut(method, chosen, e);
      }
    }
    if (attributions.size() > 1) {
      files.sheet(file, image, explainer.model(), attributions);
    }
  }
}

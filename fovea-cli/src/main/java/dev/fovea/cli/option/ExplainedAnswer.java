package dev.fovea.cli.option;

import dev.fovea.cli.console.Streams;
import dev.fovea.explain.Answer;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Target;
import dev.fovea.model.Model;
import dev.fovea.tensor.Tensor;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The model whose answers are explained, and which answer. */
public final class ExplainedAnswer {
  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Option(names = "--class", paramLabel = "NAME|N",
      description = "The class that is explained, by its name or its index. Default: the one with the highest score.")
  private Optional<String> target = Optional.empty();

  @Option(names = "--output", paramLabel = "NAME",
      description = "Explain this output of the model as it is, whatever it means; --class is then the index of a number in it, row by"
          + " row. Default: the classes, or the first output of a model without any, both before a softmax.")
  private Optional<String> output = Optional.empty();

  /** As given, for messages. */
  public Object path() {
    return model.path();
  }

  /** Loads the model; what is assumed about it is said. */
  public Explainer explainer(Streams streams) {
    Model loaded = model.loadAny();
    CardOptions.assumptions(loaded.card()).forEach(streams::say);
    return model.explainer(loaded, output);
  }

  /** The answer that is explained; a number is an index, unless a class has it as its name. */
  public Answer answer(Explainer explainer, Tensor input) {
    return Hint.at(path(), () -> explainer.answer(input, target(explainer.model())));
  }

  private Target target(Model of) {
    if (target.isEmpty()) {
      return Target.HIGHEST;
    }
    String given = target.get();
    boolean index = given.matches("\\d{1,9}") && !of.card().task().names().contains(given);
    return index ? new Target.Index(Integer.parseInt(given)) : new Target.Name(given);
  }
}

package dev.fovea.cli.command;

import dev.fovea.cli.console.ArithmeticText;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.ExplainedAnswer;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.data.ImageFiles;
import dev.fovea.explain.Answer;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.arithmetic.Arithmetic;
import dev.fovea.explain.arithmetic.Calculation;
import dev.fovea.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints how a network computes one number. */
@CommandLine.Command(
    name = "arithmetic",
    header = "Every product of one number of a layer.",
    description = {
        "What the number at a place of a layer is computed of: each element that the layer reads there, the weight that it is"
            + " multiplied with, and what becomes of the sum. With --precision exact the products, added in the order in which they"
            + " are printed by fused multiply-adds, give the printed number to the bit."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea explain arithmetic runs/flowers rose.jpg --layer conv2 --at 3,4,5 --backward"})
final class ExplainArithmeticCommand implements Command {
  private final Streams streams;

  @Mixin
  private final ExplainedAnswer answer = new ExplainedAnswer();

  @Parameters(index = "1", paramLabel = "IMAGE", converter = Converters.File.class, description = "An image.")
  private Path image = Path.of("");

  @Option(names = "--layer", paramLabel = "PATH", required = true, description = "The layer, as fovea summary names it.")
  private String layer = "";

  @Option(names = "--at", paramLabel = "K,Y,X", required = true, split = ",", converter = Converters.Index.class,
      description = "The place in the layer's result: map, row and column, from 0; of a fully connected layer the unit.")
  private List<Integer> at = List.of();

  @Option(names = "--backward",
      description = "Also the derivative of the score by the number: what it is computed of, and what it adds to the derivatives by"
          + " weights and inputs.")
  private boolean backward;

  @Option(names = "--json",
      description = "Print one JSON object: layer, operator, at, bias, taps, each with input, weight and product, sum, and then.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  ExplainArithmeticCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Explainer explainer = answer.explainer(streams);
    Arithmetic arithmetic = Hint.at(answer.path(), () -> Arithmetic.of(explainer, layer, at));
    Tensor input = explainer.input(ImageFiles.read(image));
    Answer explained = answer.answer(explainer, input);
    List<Calculation> forward = arithmetic.forward(input);
    Optional<Arithmetic.Backward> derivative = backward
        ? Optional.of(Hint.at(answer.path(), () -> arithmetic.backward(input, explained)))
        : Optional.empty();
    if (json) {
      streams.json(ArithmeticText.json(layer, explained, forward, derivative));
    } else {
      streams.print(ArithmeticText.of(explained, forward, derivative));
    }
    return 0;
  }
}

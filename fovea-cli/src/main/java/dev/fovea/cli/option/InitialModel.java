package dev.fovea.cli.option;

import dev.fovea.graph.Parameters;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.WeightsOnlyException;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The model of a file or a run folder, to be trained on with other data. */
record InitialModel(Path path) {
  /** A trained network needs small steps; a last layer that is reinitialised, a few epochs. */
  static final Network.Recipe RECIPE = new Network.Recipe(10, 32, "sgd", 0.01, 0.9, 1e-4, "cosine");

  /** The model as it is in the file, for images of that size. */
  Model read(Optional<Shape> input) {
    try {
      Model model = RunFolder.model(path);
      Model sized = input.map(shape -> Networks.resized(model, shape)).orElse(model);
      return Hint.at(path, sized::standardForm);
    } catch (WeightsOnlyException e) {
      throw new FoveaException(path + ": holds weights without a network: name their network (--model NETWORK)", e);
    }
  }

  /** What is reinitialised in a model that was made of the file's, and what is assumed about it, in one line. */
  static String describe(Model read, Model made) {
    List<String> renewed = made.parameters().entries().stream().filter(entry -> !sameShape(entry, read.parameters()))
        .map(Parameters.Entry::name).toList();
    StringBuilder text =
        new StringBuilder(made.card().network()).append(", ").append(made.parameters().entries().size() - renewed.size())
            .append(" of ").append(made.parameters().entries().size()).append(" parameters loaded");
    if (!renewed.isEmpty()) {
      text.append("; ").append(made.card().classes().size()).append(" classes instead of ").append(read.card().classes().size())
          .append(", so that these are reinitialised: ").append(String.join(", ", renewed));
    }
    String assumed = made.card().provenance().get(Card.PREPROCESSING);
    if (assumed != null) {
      text.append("; preprocessing: ").append(assumed).append(" (convert --mean, --std, --scale, --channels, --resize, --crop)");
    }
    return text.toString();
  }

  private static boolean sameShape(Parameters.Entry entry, Parameters parameters) {
    return parameters.entry(entry.name()).shape().equals(entry.shape());
  }

  /** The name of the file or folder without its ending, for use in the names of others. */
  String name() {
    return path.toAbsolutePath().normalize().getFileName().toString().replaceFirst("\\.\\w+$", "").replaceAll("[^\\w.-]", "_");
  }
}

package dev.fovea.cli.option;

import dev.fovea.cli.auto.Known;
import dev.fovea.data.download.Cache;
import dev.fovea.format.FileNames;
import dev.fovea.graph.Parameters;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.model.WeightsOnlyException;
import dev.fovea.pretrained.PretrainedNetwork;
import dev.fovea.pretrained.PretrainedRegistry;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The model of a file, a run folder or the cache, to be trained on with other data. */
record InitialModel(Path path, Optional<PretrainedNetwork> pretrained) {
  /** A trained network needs small steps; a last layer that is reinitialised, a few epochs. */
  static final Network.Recipe RECIPE = new Network.Recipe(10, 32, "sgd", 0.01, 0.9, 1e-4, "cosine");

  /** For a last layer alone: its epochs are cheap, and a few hundred images need strong weight decay. */
  static final Network.Recipe LAST_LAYER = new Network.Recipe(40, 32, "sgd", 0.01, 0.9, 0.02, "cosine");

  static InitialModel of(Path file) {
    return new InitialModel(file, Optional.empty());
  }

  static InitialModel of(PretrainedNetwork network) {
    return new InitialModel(PretrainedRegistry.in(Cache.folder()).file(network), Optional.of(network));
  }

  /** The option and its value, by the option's name in a run's configuration. */
  Map.Entry<String, String> option() {
    return pretrained.map(network -> Map.entry(RunConfig.PRETRAINED, network.name()))
        .orElseGet(() -> Map.entry(RunConfig.INIT, path.toString()));
  }

  /** Fails now if the file is missing or damaged, not only when its run begins. */
  void verify() {
    pretrained.ifPresentOrElse(PretrainedModel::verify, () -> RunFolder.modelFile(path));
  }

  /** The model as it is in the file, for images of that size. */
  Model read(Optional<Shape> input) {
    try {
      Model model = pretrained.map(network -> PretrainedModel.read(network, path)).orElseGet(() -> RunFolder.model(path));
      Model sized = input.map(shape -> Networks.resized(model, shape)).orElse(model);
      return Hint.at(path, sized::standardForm);
    } catch (WeightsOnlyException e) {
      throw new FoveaException(path + ": holds weights without a network: name their network (--model NETWORK)", e);
    }
  }

  /** What was read as a network that settings are chosen for. */
  Known known(Model model) {
    return new Known(name(), true, model.input(), size -> model.withInput(size).graph());
  }

  /** What is reinitialised in a model that was made of the file's, and what is assumed about it, in one line. */
  static String describe(Model read, Model made) {
    List<String> renewed = made.parameters().entries().stream().filter(entry -> !sameShape(entry, read.parameters()))
        .map(Parameters.Entry::name).toList();
    StringBuilder text =
        new StringBuilder(made.card().network()).append(", ").append(made.parameters().entries().size() - renewed.size())
            .append(" of ").append(made.parameters().entries().size()).append(" parameters loaded");
    if (!renewed.isEmpty()) {
      Task before = read.card().task();
      Task after = made.card().task();
      text.append("; ").append(after.size()).append(noun(after)).append(" instead of ").append(before.size())
          .append(noun(after).equals(noun(before)) ? "" : noun(before))
          .append(", so that these are reinitialised: ").append(String.join(", ", renewed));
    }
    String assumed = made.card().provenance().get(Card.PREPROCESSING);
    if (assumed != null) {
      text.append("; preprocessing: ").append(assumed).append(" (convert --mean, --std, --scale, --channels, --resize, --crop)");
    }
    return text.toString();
  }

  private static String noun(Task task) {
    return (task instanceof Task.Numbers ? " number" : " class")
        + (task.size() == 1 ? "" : task instanceof Task.Numbers ? "s" : "es");
  }

  private static boolean sameShape(Parameters.Entry entry, Parameters parameters) {
    return parameters.entry(entry.name()).shape().equals(entry.shape());
  }

  /** The name of the network, or of the file or folder without its ending, for use in the names of others. */
  String name() {
    return pretrained.map(PretrainedNetwork::name).orElseGet(
        () -> FileNames.last(path.toAbsolutePath().normalize()).replaceFirst("\\.\\w+$", "").replaceAll("[^\\w.-]", "_"));
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return "--" + option().getKey() + " " + option().getValue();
  }
}

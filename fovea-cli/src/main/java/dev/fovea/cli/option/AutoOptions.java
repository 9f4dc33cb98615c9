package dev.fovea.cli.option;

import dev.fovea.check.Survey;
import dev.fovea.cli.auto.AutoSettings;
import dev.fovea.cli.auto.Choice;
import dev.fovea.cli.auto.Given;
import dev.fovea.cli.auto.Known;
import dev.fovea.data.Split;
import dev.fovea.data.download.Cache;
import dev.fovea.model.Model;
import dev.fovea.pretrained.PretrainedRegistry;
import dev.fovea.tensor.FoveaException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ParseResult;

/** The options of a run of which those that are not given are chosen by its images. */
public final class AutoOptions {
  /** A network of fewer classes has learnt little that others need. */
  private static final int MANY = 100;

  private static final String BATCH = "batch-size";

  private AutoOptions() {}

  /**
   * Reads some of the images.
   *
   * @param options as given
   * @param given the command line that they are of
   * @param messages receives each choice with its reason, a line each
   */
  public static RunOptions of(RunOptions options, ParseResult given, Split split, Consumer<String> messages) {
    Set<String> names =
        given.matchedOptions().stream().map(option -> option.longestName().substring(2)).collect(Collectors.toSet());
    Given stays = new Given(names, options.input(),
        names.contains(BATCH) ? Optional.of(options.config().training().batchSize()) : Optional.empty());
    List<Choice> choices =
        AutoSettings.of(Survey.of(split.train()), options.known(), () -> cached(messages), stays);
    choices.forEach(choice -> messages.accept("auto: " + choice));
    Map<String, String> values = new LinkedHashMap<>();
    choices.forEach(choice -> values.put(choice.option(), choice.value()));
    return Variants.of("--auto", values.keySet(), "", given).with(values);
  }

  /** The trained networks of many classes in the cache. */
  private static List<Known> cached(Consumer<String> messages) {
    PretrainedRegistry registry = PretrainedRegistry.in(Cache.folder());
    return registry.networks().stream().filter(network -> registry.isHere(network) && registry.isValid(network))
        .map(InitialModel::of).flatMap(file -> known(file, messages)).toList();
  }

  private static Stream<Known> known(InitialModel file, Consumer<String> messages) {
    try {
      Model model = file.read(Optional.empty());
      return model.card().classes().size() >= MANY ? Stream.of(file.known(model)) : Stream.empty();
    } catch (FoveaException e) { // nobody asked for it
      messages.accept("auto: " + file + " is left out: " + e.getMessage());
      return Stream.empty();
    }
  }
}

package dev.fovea.cli.option;

import dev.fovea.check.Survey;
import dev.fovea.cli.auto.AutoSettings;
import dev.fovea.cli.auto.Choice;
import dev.fovea.cli.auto.Known;
import dev.fovea.data.Split;
import dev.fovea.data.download.Cache;
import dev.fovea.model.Model;
import dev.fovea.pretrained.PretrainedRegistry;
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
    List<Choice> choices = AutoSettings.of(Survey.of(split.train()), options.known(), AutoOptions::cached, names);
    choices.forEach(choice -> messages.accept("auto: " + choice));
    Map<String, String> values = new LinkedHashMap<>();
    choices.forEach(choice -> values.put(choice.option(), choice.value()));
    return Variants.of("--auto", values.keySet(), "", given).with(values);
  }

  /** The trained networks of many classes in the cache. */
  private static List<Known> cached() {
    PretrainedRegistry registry = PretrainedRegistry.in(Cache.folder());
    return registry.networks().stream().filter(network -> registry.isHere(network) && registry.isValid(network))
        .map(InitialModel::of).flatMap(file -> {
          Model model = file.read(Optional.empty());
          return model.card().classes().size() >= MANY ? Stream.of(file.known(model)) : Stream.empty();
        }).toList();
  }
}

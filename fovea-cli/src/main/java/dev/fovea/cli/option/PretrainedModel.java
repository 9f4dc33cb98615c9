package dev.fovea.cli.option;

import dev.fovea.data.download.Cache;
import dev.fovea.format.FileNames;
import dev.fovea.model.Model;
import dev.fovea.pretrained.PretrainedNetwork;
import dev.fovea.pretrained.PretrainedRegistry;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** A pretrained network's file as a model: what the file does not say are options of {@code fovea convert}. */
public final class PretrainedModel {
  @Mixin
  private final WeightsOptions weights = new WeightsOptions();

  @Mixin
  private final CardOptions card = new CardOptions();

  private PretrainedModel() {}

  /**
   * Nothing is downloaded.
   *
   * @throws FoveaException if the file is not in the cache or damaged, with what to do
   */
  public static void verify(PretrainedNetwork network) {
    PretrainedRegistry registry = PretrainedRegistry.in(Cache.folder());
    String get = "run fovea pretrained get " + network.name();
    if (!registry.isHere(network)) {
      throw new FoveaException(
          network.name() + ": is not in the cache; " + get + ", or without a connection " + registry.byHand(network));
    }
    if (!registry.isValid(network)) {
      throw new FoveaException(FileNames.text(registry.file(network)) + ": is damaged or another file, expected " + network.sum()
          + "; " + get + ", or without a connection " + registry.byHand(network));
    }
  }

  static Model read(PretrainedNetwork network, Path file) {
    PretrainedModel options = parse(network);
    return options.card.applied(
        options.weights.given(file) ? options.weights.model(file, Optional.empty(), _ -> {}) : RunFolder.model(file));
  }

  /**
   * Refuses options that the network has and {@code fovea convert} does not, or with values that it does not take.
   *
   * @throws FoveaException naming the network and the option
   */
  public static void check(PretrainedNetwork network) {
    parse(network).weights.given(Path.of(network.file()));
  }

  private static PretrainedModel parse(PretrainedNetwork network) {
    PretrainedModel options = new PretrainedModel();
    CommandLine line = new CommandLine(options);
    try {
      line.parseArgs(
          network.convert().entrySet().stream().map(e -> "--" + e.getKey() + "=" + e.getValue()).toArray(String[]::new));
    } catch (ParameterException e) {
      throw new FoveaException(network.name() + ": convert: " + UsageErrors.message(e, line), e);
    }
    return options;
  }

  /** Those of the given options that say what a file does not, by name; names of files become absolute. */
  public static Map<String, String> options(ParseResult given) {
    CommandLine known = new CommandLine(new PretrainedModel());
    Map<String, String> options = new LinkedHashMap<>();
    for (OptionSpec option : given.matchedOptions()) {
      String name = option.longestName();
      if (known.getCommandSpec().findOption(name) != null) {
        String text = String.join(",", option.originalStringValues());
        boolean file = option.converters().length > 0 && option.converters()[0] instanceof Converters.File;
        options.put(name.substring(2), file ? Path.of(text).toAbsolutePath().toString() : text);
      }
    }
    return options;
  }
}

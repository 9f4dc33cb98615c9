package dev.fovea.cli.option;

import dev.fovea.explain.method.Methods;
import dev.fovea.explain.relevance.Lrp;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The settings of methods of explaining, each a group of options of the commands whose methods use it. */
public final class MethodOptions {
  private final Layer layer = new Layer();
  private final Window window = new Window();
  private final Masks masks = new Masks();
  private final Rule rule = new Rule();
  private final Seed seed = new Seed();

  /** Of class activation maps. */
  static final class Layer {
    @Option(names = "--layer", paramLabel = "PATH",
        description = "The layer whose maps are weighted, as fovea summary names it. Default: the last maps before the classifier.")
    private Optional<String> path = Optional.empty();
  }

  /** Of occlusion. */
  static final class Window {
    @Option(names = "--window", paramLabel = "N", converter = Converters.Count.class,
        description = "The side of the window that is covered, in pixels of the network's input. Default: 16.")
    private int side = Methods.STANDARD.window();

    @Option(names = "--stride", paramLabel = "N", converter = Converters.Count.class,
        description = "The pixels from one window to the next. Default: 8.")
    private int stride = Methods.STANDARD.stride();
  }

  /** Of RISE. */
  static final class Masks {
    @Option(names = "--masks", paramLabel = "N", converter = Converters.Count.class,
        description = "The number of random masks. Default: 2000.")
    private int count = Methods.STANDARD.masks();
  }

  /** Of relevance propagation. */
  static final class Rule {
    @Option(names = "--rule", paramLabel = "RULE", converter = Converters.LrpRule.class,
        completionCandidates = Choices.LrpRules.class,
        description = "How layers share relevance: epsilon, gamma, zplus, or composite: the z-box at the input, gamma for convolutions,"
            + " epsilon for fully connected layers. Default: composite.")
    private Lrp.Rule rule = Methods.STANDARD.rule();
  }

  /** Of methods that draw random numbers. */
  static final class Seed {
    @Option(names = "--seed", paramLabel = "N", converter = Converters.Seed.class,
        description = "The seed of its random numbers. Default: 1.")
    private long seed = Methods.STANDARD.seed();
  }

  public Object layer() {
    return layer;
  }

  public Object window() {
    return window;
  }

  public Object masks() {
    return masks;
  }

  public Object rule() {
    return rule;
  }

  public Object seed() {
    return seed;
  }

  /** All methods with these settings. */
  public Methods methods() {
    return new Methods(layer.path, window.side, window.stride, masks.count, rule.rule, seed.seed);
  }
}

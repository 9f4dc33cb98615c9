package dev.fovea.train;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Rewrite;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which parameters of a trained network change, and how fast. The body is all but the last layer ({@link Model#lastLayer}); batch
 * normalisations whose scale is frozen keep their statistics.
 *
 * @param frozen patterns of names of parameters that do not change, {@code *} for any characters; {@value #BODY} for the body
 * @param bodyRate the factor of the learning rate for the body
 * @param unfreezing the number of epochs over which the frozen layers begin to change, one after another from the last to the first
 *     (Howard and Ruder 2018, arXiv 1801.06146, section 3.3); 0: they never do
 */
public record FineTuning(List<String> frozen, double bodyRate, int unfreezing) {
  /** In place of a pattern: the body. */
  public static final String BODY = "body";

  /** All parameters change at the same rate. */
  public static final FineTuning NONE = new FineTuning(List.of(), 1, 0);

  public FineTuning {
    frozen = List.copyOf(frozen);
    if (!(bodyRate > 0 && bodyRate < Double.POSITIVE_INFINITY)) {
      throw new FoveaException("the factor of the body's learning rate must be above 0, got " + bodyRate);
    }
    if (unfreezing < 0) {
      throw new FoveaException("gradual unfreezing: expected 0 epochs or more, got " + unfreezing);
    }
    if (unfreezing > 0 && frozen.isEmpty()) {
      throw new FoveaException(
          "gradual unfreezing over " + unfreezing + " epochs needs a frozen part: freeze the body, for example");
    }
  }

  public FineTuning freeze(String... patterns) {
    return new FineTuning(List.of(patterns), bodyRate, unfreezing);
  }

  public FineTuning bodyRate(double factor) {
    return new FineTuning(frozen, factor, unfreezing);
  }

  public FineTuning unfreezing(int epochs) {
    return new FineTuning(frozen, bodyRate, epochs);
  }

  /** Whether parameters are frozen from the first epoch to the last. */
  boolean isConstant() {
    return unfreezing == 0;
  }

  /**
   * For each trainable parameter the factor of its learning rate and the epoch from which on it changes, from 0; -1 if it never does.
   *
   * @throws FoveaException if a pattern names no parameter, or nothing is left to train
   */
  Map<String, Rate> rates(Model model) {
    List<String> names =
        model.parameters().entries().stream().filter(entry -> entry.trainable()).map(entry -> entry.name()).toList();
    Set<String> head = frozen.contains(BODY) || bodyRate != 1 ? model.lastLayer() : Set.of();
    for (String pattern : frozen) {
      if (!pattern.equals(BODY) && names.stream().noneMatch(name -> matches(pattern, name))) {
        throw new FoveaException("no parameter is called '" + pattern + "': the first is " + names.getFirst()
            + "; summary lists all, and " + BODY + " is all but the last layer");
      }
    }
    List<String> still = names.stream().filter(name -> isFrozen(name, head)).toList();
    if (still.size() == names.size() && isConstant()) {
      throw new FoveaException("all parameters are frozen, nothing is left to train: freeze fewer");
    }
    List<String> layers = still.stream().map(FineTuning::layer).distinct().toList();
    Map<String, Rate> rates = new LinkedHashMap<>();
    for (String name : names) {
      double factor = bodyRate == 1 || head.contains(name) ? 1 : bodyRate;
      int since = !isFrozen(name, head) ? 0 : isConstant() ? -1 : since(layers.indexOf(layer(name)), layers.size());
      rates.put(name, new Rate(factor, since));
    }
    return rates;
  }

  /** The parameters that change in an epoch, from 0. */
  static Set<String> changing(Map<String, Rate> rates, int epoch) {
    return rates.entrySet().stream().filter(entry -> entry.getValue().changes(epoch)).map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The graph in an epoch: parameters that do not change then are not trainable. */
  static Graph frozen(Graph graph, Map<String, Rate> rates, int epoch) {
    Set<String> names = new HashSet<>(rates.keySet());
    names.removeAll(changing(rates, epoch));
    return names.isEmpty() ? graph : Rewrite.frozen(graph, names);
  }

  /** @param since the epoch from which on the parameter changes; -1: never */
  record Rate(double factor, int since) {
    boolean changes(int epoch) {
      return since >= 0 && since <= epoch;
    }
  }

  /** The last layer begins in epoch 1, the first in the last epoch of {@link #unfreezing}. */
  private int since(int layer, int layers) {
    return 1 + (int) ((long) (layers - 1 - layer) * unfreezing / layers);
  }

  private boolean isFrozen(String name, Set<String> head) {
    return frozen.stream().anyMatch(pattern -> pattern.equals(BODY) ? !head.contains(name) : matches(pattern, name));
  }

  /** The name without its last part: {@code features.0} of {@code features.0.weight}. */
  private static String layer(String parameter) {
    return parameter.substring(0, Math.max(0, parameter.lastIndexOf('.')));
  }

  private static boolean matches(String pattern, String name) {
    String expression = List.of(pattern.split("\\*", -1)).stream().map(Pattern::quote).collect(Collectors.joining(".*"));
    return name.matches(expression);
  }
}

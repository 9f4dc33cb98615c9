package dev.fovea.formats.onnx.constant;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Evaluates operators whose operands are all constant: what exporters compute from shapes, and what they do to weights. */
public final class Folding {
  /** How an operator of ONNX's own domain computes its results. */
  @FunctionalInterface
  interface Rule {
    List<Array> apply(Operation operation);
  }

  private static final Map<String, Rule> RULES = rules();

  private Folding() {}

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new HashMap<>();
    Elementwise.addTo(rules);
    Conversions.addTo(rules);
    Movement.addTo(rules);
    Shaping.addTo(rules);
    Scattering.addTo(rules);
    Generators.addTo(rules);
    Reductions.addTo(rules);
    return rules;
  }

  static List<Array> one(Array array) {
    return List.of(array);
  }

  /**
   * The results; empty for an operator that is not evaluated here.
   *
   * @throws dev.fovea.tensor.FoveaException if operands do not fit, or if a result would be too large
   */
  public static Optional<List<Array>> fold(Operation operation) {
    Rule rule = RULES.get(operation.node().type());
    return rule == null || !operation.node().domain().isEmpty() ? Optional.empty() : Optional.of(rule.apply(operation));
  }
}

package dev.fovea.formats.onnx.operator;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.proto.OnnxFunction;
import dev.fovea.formats.onnx.proto.OnnxNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** All operators that can be imported, by domain and name. */
public final class Operators {
  private static final Map<String, Rule> RULES = rules();

  /** Interpreted without a rule. */
  private static final Set<String> BUILT_IN = Set.of("Constant", "If", "Shape", "Size", "SequenceConstruct", "SequenceEmpty",
      "SequenceInsert", "SequenceErase", "SequenceLength", "SequenceAt", "SplitToSequence", "ConcatFromSequence");

  private Operators() {}

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new HashMap<>();
    Arithmetic.addTo(rules);
    Trigonometry.addTo(rules);
    Logic.addTo(rules);
    Activations.addTo(rules);
    Convolutions.addTo(rules);
    Pools.addTo(rules);
    Normalisations.addTo(rules);
    Layouts.addTo(rules);
    Selections.addTo(rules);
    Sampling.addTo(rules);
    Recurrences.addTo(rules);
    Indexing.addTo(rules);
    Pads.addTo(rules);
    Reductions.addTo(rules);
    Resizes.addTo(rules);
    Matrices.addTo(rules);
    Quantised.addTo(rules);
    Microsoft.addTo(rules);
    return Map.copyOf(rules);
  }

  /** The operator's domain and name; ONNX's own domain is empty. A colon and its overload follow, if it has one. */
  public static String key(OnnxNode node) {
    return key(node.domain(), node.type(), node.overload());
  }

  /** The key of the nodes that use that function. */
  public static String key(OnnxFunction function) {
    return key(function.domain(), function.name(), function.overload());
  }

  private static String key(String domain, String name, String overload) {
    return (domain.isEmpty() ? "" : domain + ".") + name + (overload.isEmpty() ? "" : ":" + overload);
  }

  public static Rule of(OnnxNode node) {
    Rule rule = RULES.get(key(node));
    if (rule == null && !node.overload().isEmpty()) {
      throw new Refusal("its overload " + Quote.quote(node.overload()) + " is not among the file's functions");
    }
    if (rule == null) {
      throw new Refusal("this operator is not supported");
    }
    return rule;
  }

  /** Refuses a node whose operator is neither here nor among the file's functions. */
  public static void require(OnnxNode node, Map<String, ?> functions) {
    if (!functions.containsKey(key(node)) && !BUILT_IN.contains(key(node))) {
      of(node);
    }
  }
}

package dev.fovea.cli.console;

import dev.fovea.explain.quality.MethodComparison;
import dev.fovea.explain.quality.Quality;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A comparison of methods of explaining, for people and for programs. */
public final class ComparisonText {
  private ComparisonText() {}

  /** A line for each method. */
  public static String of(MethodComparison comparison) {
    StringBuilder text =
        new StringBuilder(String.format(Locale.ROOT, "%-22s %9s %9s %9s %9s %11s%n", "method", "deletion", "insertion",
            "drop", "increase", "randomised"));
    for (int m = 0; m < comparison.names().size(); m++) {
      double similarity = comparison.randomisations().get(m);
      text.append(String.format(Locale.ROOT, "%-22s %9.4f %9.4f %8.1f%% %8.0f%% %11s%n", comparison.names().get(m),
          comparison.mean(m, Quality::deletion), comparison.mean(m, Quality::insertion), 100 * comparison.mean(m, Quality::drop),
          100 * comparison.mean(m, quality -> quality.increases() ? 1 : 0),
          Double.isNaN(similarity) ? "" : String.format(Locale.ROOT, "%.3f", similarity)));
    }
    return text.toString();
  }

  public static ObjectNode json(MethodComparison comparison) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("images", comparison.qualities().size());
    ArrayNode methods = node.putArray("methods");
    for (int m = 0; m < comparison.names().size(); m++) {
      ObjectNode method = methods.addObject().put("method", comparison.names().get(m))
          .put("deletion", comparison.mean(m, Quality::deletion)).put("insertion", comparison.mean(m, Quality::insertion))
          .put("drop", comparison.mean(m, Quality::drop)).put("increase", comparison.mean(m, q -> q.increases() ? 1 : 0))
          .put("seconds", comparison.mean(m, Quality::seconds));
      double similarity = comparison.randomisations().get(m);
      if (!Double.isNaN(similarity)) {
        method.put("similarity_to_randomised", similarity);
      }
      ArrayNode agreement = method.putArray("agreement");
      comparison.agreement().get(m).forEach(agreement::add);
    }
    return node;
  }
}

package dev.fovea.cli.console;

import dev.fovea.explain.survey.LayerStatistics;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The statistics of layers, for people and for programs. */
public final class SurveyText {
  private SurveyText() {}

  /** A table with a line for each layer. */
  public static String of(List<LayerStatistics> layers) {
    int width = Math.max(5, layers.stream().mapToInt(layer -> layer.path().length()).max().orElse(0));
    String line = "%-" + width + "s  %-13s  %12s  %8s  %10s  %8s  %6s  %6s  %10s  %6s\n";
    StringBuilder text =
        new StringBuilder(String.format(Locale.ROOT, line, "layer", "operator", "result", "weights", "activation",
            "sparsity", "rank", "dead", "gradient", "probe"));
    for (LayerStatistics layer : layers) {
      text.append(String.format(Locale.ROOT, line, layer.path(), layer.operator(), layer.shape(), number(layer.weightNorm()),
          number(layer.activation()), percent(layer.sparsity()), String.format(Locale.ROOT, "%.1f", layer.rank()),
          percent(layer.dead()), layer.gradient().isPresent() ? number(layer.gradient().getAsDouble()) : "",
          layer.probe().isPresent()
              ? String.format(Locale.ROOT, "%.4f", layer.probe().getAsDouble())
              : ""));
    }
    return text.toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  public static ObjectNode json(List<LayerStatistics> layers) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    put(node, layers);
    return node;
  }

  /** Adds the layers to an object. */
  static void put(ObjectNode node, List<LayerStatistics> layers) {
    ArrayNode all = node.putArray("layers");
    for (LayerStatistics layer : layers) {
      ObjectNode one = all.addObject().put("layer", layer.path()).put("operator", layer.operator());
      one.putPOJO("shape", layer.shape().dims());
      one.put("weight_norm", layer.weightNorm()).put("activation_rms", layer.activation()).put("sparsity", layer.sparsity())
          .put("effective_rank", layer.rank()).put("dead", layer.dead());
      layer.gradient().ifPresent(norm -> one.put("gradient_norm", norm));
      layer.probe().ifPresent(accuracy -> one.put("probe_accuracy", accuracy));
    }
  }
}

package dev.fovea.cli.console;

import dev.fovea.train.LearningRateRange;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A learning rate range test as text and as JSON. */
public final class LearningRateText {
  /** The head of the table. */
  public static final String HEAD = "learning rate        loss    smoothed";

  private LearningRateText() {}

  /** A line of the table. */
  public static String line(LearningRateRange.Point point) {
    return String.format(Locale.ROOT, "%13.3e  %10.4f  %10.4f", point.learningRate(), point.loss(), point.smoothed());
  }

  /** The suggestion. */
  public static String suggestion(LearningRateRange range) {
    return range.steepest().isEmpty() ? "The loss did not fall at any learning rate: no suggestion."
        : String.format(Locale.ROOT, "suggestion: %.2g, where the loss falls fastest; a tenth of where it is least: %.2g",
            range.steepest().getAsDouble(), range.bound().orElseThrow());
  }

  public static ObjectNode json(LearningRateRange range) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    range.steepest().ifPresent(rate -> json.put("suggestion", rate));
    range.bound().ifPresent(rate -> json.put("bound", rate));
    ArrayNode points = json.putArray("points");
    range.points().forEach(point -> points.addObject().put("lr", point.learningRate()).put("loss", point.loss())
        .put("smoothed", point.smoothed()));
    return json;
  }
}

package dev.fovea.cli.console;

import dev.fovea.data.Dataset;
import dev.fovea.explain.look.Portrait;
import dev.fovea.explain.look.StrongestPatches.Patch;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A portrait, for programs. */
public final class PortraitJson {
  private PortraitJson() {}

  /** The page's numbers. */
  public static ObjectNode of(Portrait portrait, Optional<Dataset> images) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    portrait.layer().ifPresent(layer -> node.put("layer", layer).putPOJO("shape", portrait.shape().dims()));
    portrait.ablation().ifPresent(ablation -> node.put("accuracy", ablation.accuracy()));
    ArrayNode maps = node.putArray("maps");
    for (int map = 0; map < portrait.mapCount(); map++) {
      int index = map;
      ObjectNode one = maps.addObject().put("map", map);
      portrait.ablation().ifPresent(ablation -> one.put("accuracy_without", ablation.without().get(index)));
      if (map < portrait.patches().size()) {
        ArrayNode patches = one.putArray("patches");
        for (Patch patch : portrait.patches().get(map)) {
          patches.addObject().put("image", patch.image()).put("row", patch.row()).put("column", patch.column())
              .put("activation", patch.activation())
              .put("source", images.map(data -> data.source(patch.image())).orElse(""));
        }
      }
    }
    ArrayNode unexcited = node.putArray("unexcited");
    portrait.unexcited().forEach(unexcited::add);
    ObjectNode duplicates = node.putObject("duplicates");
    portrait.duplicates().forEach((layer, pairs) -> {
      ArrayNode alike = duplicates.putArray(layer);
      pairs.forEach(
          pair -> alike.addObject().put("first", pair.first()).put("second", pair.second()).put("cosine", pair.cosine()));
    });
    if (!portrait.survey().isEmpty()) {
      SurveyText.put(node, portrait.survey());
    }
    return node;
  }
}

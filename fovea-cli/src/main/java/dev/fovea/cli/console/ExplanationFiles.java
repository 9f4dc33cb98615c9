package dev.fovea.cli.console;

import dev.fovea.explain.Attribution;
import dev.fovea.explain.Figure;
import dev.fovea.explain.Heatmap;
import dev.fovea.format.AtomicFile;
import dev.fovea.format.FileNames;
import dev.fovea.formats.numpy.Npy;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes the maps and images of explanations into one folder, named after the images that were explained. */
public final class ExplanationFiles {
  private final Path folder;

  /** The folder is created now, and images of one name are refused, before the model runs. */
  public ExplanationFiles(Path folder, List<Path> images) {
    this.folder = folder;
    Map<String, Path> names = new HashMap<>(); // in lower case, since some file systems do not distinguish cases
    for (Path image : images) {
      Path other = names.putIfAbsent(name(image).toLowerCase(Locale.ROOT), image);
      if (other != null) {
        throw new FoveaException(image + ": has the same name as " + other + ", so that their files would be the same; explain it"
            + " separately, with another --out");
      }
    }
    OutputFolder.create(folder);
  }

  /** Writes map, heat map, overlay and what is known of it, which is returned. Files of earlier runs are replaced. */
  public ObjectNode write(Path file, Image image, Model model, Attribution attribution) {
    String name = name(file) + "-" + attribution.method();
    Path map = folder.resolve(name + ".npy");
    Path figure = folder.resolve(name + ".png");
    Path overlay = folder.resolve(name + "-overlay.png");
    Heatmap heatmap = Heatmap.of(attribution);
    Npy.write(map, attribution.map());
    Figure.of(heatmap, seen(image, model), Figure.caption(attribution)).write(figure);
    overlay(heatmap, image, model).write(overlay);
    ObjectNode node = json(attribution).put("image", file.toString()).put("map", map.toString()).put("heatmap", figure.toString())
        .put("overlay", overlay.toString());
    AtomicFile.write(folder.resolve(name + ".json"), (node + "\n").getBytes(StandardCharsets.UTF_8));
    return node;
  }

  private static String name(Path file) {
    String last = FileNames.last(file);
    int dot = last.lastIndexOf('.');
    return dot > 0 ? last.substring(0, dot) : last;
  }

  /** All attributions of an image next to each other. */
  public Path sheet(Path file, Image image, Model model, List<Attribution> attributions) {
    Path sheet = folder.resolve(name(file) + "-all.png");
    Figure.sheet(attributions.stream().map(attribution -> {
      Heatmap heatmap = Heatmap.of(attribution);
      return Figure.of(heatmap, seen(image, model), Figure.caption(attribution));
    }).toList()).write(sheet);
    return sheet;
  }

  /** What the network sees of the image. */
  private static Image seen(Image image, Model model) {
    return model.card().preprocessing().fit(image);
  }

  private static Image overlay(Heatmap map, Image image, Model model) {
    Preprocessing preprocessing = model.card().preprocessing();
    return preprocessing.region(image).map(region -> map.overlay(image, region)).orElseGet(() -> {
      Image seen = seen(image, model);
      return map.overlay(seen, new Preprocessing.Region(0, 0, seen.width(), seen.height()));
    });
  }

  private static ObjectNode json(Attribution attribution) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("method", attribution.method()).put("class", attribution.answer().index()).put("label", attribution.answer().label())
        .put("score", attribution.answer().score());
    attribution.layer().ifPresent(layer -> node.put("layer", layer));
    attribution.errors().forEach((name, error) -> node.put(name + "_error", error));
    Tensor map = attribution.map();
    node.putPOJO("shape", map.shape().dims());
    double sum = 0;
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : map.values()) {
      sum += value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    return node.put("min", min).put("max", max).put("mean", sum / map.values().length).put("sum", sum);
  }

  /** For people. */
  public static String line(Path file, Attribution attribution) {
    StringBuilder line = new StringBuilder(Streams.escaped(file)).append("  ").append(Figure.caption(attribution));
    attribution.errors().forEach((name, error) -> line.append(String.format(Locale.ROOT, ", %s error %.3g", name, error)));
    return line.append('\n').toString();
  }
}

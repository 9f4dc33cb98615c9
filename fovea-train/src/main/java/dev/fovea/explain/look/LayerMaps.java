package dev.fovea.explain.look;

import dev.fovea.explain.ColourScale;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Op;
import dev.fovea.graph.ReceptiveFields;
import dev.fovea.graph.Value;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The first maps of a layer for an image.
 *
 * @param shape of all of them
 * @param largest the number that has the scale's last colour
 * @param sheet the maps
 */
public record LayerMaps(String path, Shape shape, double largest, Image sheet) {
  private static final int MAX_MAPS = 16;
  private static final int COLUMNS = 8;
  private static final int SIDE = 56;

  /** Of all layers with weights, after their activation, and of all pools. */
  static List<LayerMaps> of(Explainer network, Tensor input) {
    Graph graph = network.graph(1);
    List<Value> values = List.copyOf(layers(graph));
    if (values.isEmpty()) {
      return List.of();
    }
    Map<String, Tensor> outputs = network.run("maps", input, _ -> {
      Map<String, Value> named = new LinkedHashMap<>();
      values.forEach(value -> named.put(String.valueOf(value.id()), value));
      return named;
    });
    List<LayerMaps> all = new ArrayList<>();
    for (Value value : values) {
      all.add(of(graph.at(value).where(), Objects.requireNonNull(outputs.get(String.valueOf(value.id())))));
    }
    return all;
  }

  private static Set<Value> layers(Graph graph) {
    boolean[] needed = Layers.needed(graph, graph.output(Model.OUTPUT));
    Set<Value> maps = ReceptiveFields.of(graph).maps();
    Set<Value> values = new LinkedHashSet<>();
    for (int i = 0; i < needed.length; i++) {
      boolean pool = graph.nodes().get(i).op() instanceof Op.MaxPool || graph.nodes().get(i).op() instanceof Op.AveragePool;
      if (needed[i] && (pool || Layers.hasWeights(graph, graph.nodes().get(i)))) {
        Value result = Layers.activated(graph, new Value(i)).getLast();
        if (maps.contains(result) && graph.at(result).shape().sizeFrom(2) > 1) {
          values.add(result);
        }
      }
    }
    return values;
  }

  private static LayerMaps of(String path, Tensor maps) {
    int height = maps.shape().dim(2);
    int width = maps.shape().dim(3);
    double largest = Float.MIN_NORMAL;
    boolean signed = false;
    for (float value : maps.values()) {
      largest = Math.max(largest, Math.abs(value));
      signed |= value < 0;
    }
    List<Image> images = new ArrayList<>();
    for (int c = 0; c < Math.min(MAX_MAPS, maps.shape().dim(1)); c++) {
      double[] shares = new double[height * width];
      for (int i = 0; i < shares.length; i++) {
        shares[i] = maps.values()[c * shares.length + i] / largest;
      }
      images.add((signed ? ColourScale.SIGNED : ColourScale.MAGNITUDE).image(width, height, shares));
    }
    return new LayerMaps(path, maps.shape().withoutBatch(), largest, Tiles.of(images, COLUMNS, SIDE));
  }
}

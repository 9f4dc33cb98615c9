package dev.fovea.explain.layer;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Method;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A method whose map is computed of a layer's maps and the score's derivatives by them. */
interface LayerMethod extends Method {
  String MAP = "map";

  /** The path of the layer; empty: the one with the last maps before the classifier. */
  Optional<String> layer();

  /**
   * Appends the map, {@code N x 1 x h x w}.
   *
   * @param maps of the layer, {@code N x C x h x w}
   * @param gradient of the score by each of their elements
   */
  Value map(GraphBuilder g, Value maps, Value gradient);

  @Override
  default Attribution explain(Explainer network, Tensor input, Answer answer) {
    MapLayer layer = MapLayer.of(network, name(), layer());
    Tensor map = Objects.requireNonNull(network.run(List.of(name(), layer.path()), input, answer, network::graph,
        pass -> Map.of(MAP, map(pass.g(), layer.maps(), pass.gradient(layer.maps())))).get(MAP));
    return new Attribution(name(), Attribution.Kind.EVIDENCE, answer, Optional.of(layer.path()),
        Explainer.row(Explainer.row(map, 0), 0), Map.of());
  }
}

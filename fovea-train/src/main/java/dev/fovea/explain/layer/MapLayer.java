package dev.fovea.explain.layer;

import dev.fovea.explain.Explainer;
import dev.fovea.explain.InapplicableMethodException;
import dev.fovea.explain.Layers;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Value;
import java.util.Optional;

/**
 * A layer that has maps.
 *
 * @param maps its result in the network's graph, {@code N x C x h x w}
 */
public record MapLayer(String path, Value maps) {

  /**
   * The layer of that path, or the one with the last maps before the classifier.
   *
   * @param reader who needs the maps, for messages
   * @throws dev.fovea.tensor.FoveaException if there is no layer of that path
   * @throws InapplicableMethodException if it has no maps
   */
  public static MapLayer of(Explainer network, String reader, Optional<String> path) {
    Graph graph = network.graph(1);
    return path.map(given -> named(network, reader, given)).orElseGet(() -> last(graph, reader));
  }

  private static MapLayer named(Explainer network, String reader, String path) {
    Graph graph = network.graph(1);
    Value value = network.layer(path);
    if (graph.at(value).shape().rank() != 4 || graph.at(value).shape().dim(0) != 1) {
      throw new InapplicableMethodException(
          path + ": gives " + graph.at(value).shape().withoutBatch() + " and no maps, which " + reader
              + " needs: choose a layer before it");
    }
    return new MapLayer(path, value);
  }

  private static MapLayer last(Graph graph, String reader) {
    Value value = Layers.lastMaps(graph)
        .orElseThrow(() -> new InapplicableMethodException(
            reader + " needs maps, and the network has none before its classifier"));
    return new MapLayer(graph.at(value).where(), value);
  }
}

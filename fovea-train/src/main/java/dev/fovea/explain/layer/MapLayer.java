package dev.fovea.explain.layer;

import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
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
   * @throws FoveaException if there is none, or it has no maps
   */
  public static MapLayer of(Explainer network, String reader, Optional<String> path) {
    Graph graph = network.graph(1);
    return path.map(given -> named(graph, reader, given)).orElseGet(() -> last(graph, reader));
  }

  private static MapLayer named(Graph graph, String reader, String path) {
    Value value = Layers.named(graph, path);
    if (graph.at(value).shape().rank() != 4) {
      throw new FoveaException(path + ": gives " + graph.at(value).shape().withoutBatch() + " and no maps, which " + reader
          + " needs: choose a layer before it");
    }
    return new MapLayer(path, value);
  }

  private static MapLayer last(Graph graph, String reader) {
    Value value = Layers.lastMaps(graph)
        .orElseThrow(() -> new FoveaException(reader + ": the network has no maps before its classifier: choose saliency, or"
            + " another method that explains the input"));
    return new MapLayer(graph.at(value).where(), value);
  }
}

package dev.fovea.explain.layer;

import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A layer that has maps.
 *
 * @param maps its result in the network's graph, {@code N x C x h x w}
 */
record MapLayer(String path, Value maps) {

  /**
   * The layer of that path, or the last one before the classifier.
   *
   * @throws FoveaException if there is none, or it has no maps
   */
  static MapLayer of(Explainer network, String method, Optional<String> path) {
    Graph graph = network.graph(1);
    return path.map(given -> named(graph, method, given)).orElseGet(() -> last(graph, method));
  }

  private static MapLayer named(Graph graph, String method, String path) {
    Value value = Layers.named(graph, path);
    if (graph.at(value).shape().rank() != 4) {
      throw new FoveaException(path + ": gives " + graph.at(value).shape().withoutBatch() + " and no maps, which " + method
          + " needs: choose a layer before it");
    }
    return new MapLayer(path, value);
  }

  /**
   * The last value of several positions that the last layer with weights reads; a pool to a fixed size counts as a part of the
   * classifier.
   */
  private static MapLayer last(Graph graph, String method) {
    boolean[] before = Layers.needed(graph, graph.output(Model.OUTPUT));
    int classifier = IntStream.range(0, before.length).filter(i -> before[i] && hasWeights(graph, graph.nodes().get(i))).max()
        .orElse(before.length - 1);
    boolean[] read = Layers.needed(graph, new Value(classifier));
    int last = IntStream.range(0, classifier)
        .filter(i -> read[i] && isMap(graph.nodes().get(i))).max()
        .orElseThrow(() -> new FoveaException(method + ": the network has no maps before its classifier: choose saliency, or"
            + " another method that explains the input"));
    return new MapLayer(graph.nodes().get(last).where(), new Value(last));
  }

  private static boolean isMap(Node node) {
    return node.shape().rank() == 4 && node.shape().sizeFrom(2) > 1
        && !(node.op() instanceof Op.Source || node.op() instanceof Op.AdaptiveAveragePool
            || node.op() instanceof Op.AdaptiveMaxPool);
  }

  private static boolean hasWeights(Graph graph, Node node) {
    return (node.op() instanceof Op.Conv || node.op() instanceof Op.Gemm || node.op() instanceof Op.MatMul)
        && node.inputs().stream().anyMatch(in -> graph.at(in).op() instanceof Op.Param);
  }
}

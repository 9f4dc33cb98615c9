package dev.fovea.explain.layer;

import dev.fovea.explain.Explainer;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.List;
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
    boolean[] needed = needed(graph, graph.output(Model.OUTPUT));
    return path.map(given -> named(graph, method, given, needed)).orElseGet(() -> last(graph, method));
  }

  /** The last node of that layer, or of the layers in it. */
  private static MapLayer named(Graph graph, String method, String path, boolean[] needed) {
    int last = IntStream.range(0, needed.length)
        .filter(i -> needed[i] && isIn(graph.nodes().get(i), path) && !(graph.nodes().get(i).op() instanceof Op.Source)).max()
        .orElseThrow(() -> {
          List<String> paths = graph.nodes().stream().map(Node::path).filter(p -> !p.isEmpty()).distinct().toList();
          return new FoveaException("there is no layer '" + path + "': " + Names.nearest(path, paths)
              + "; fovea summary lists all");
        });
    Node node = graph.nodes().get(last);
    if (node.shape().rank() != 4) {
      throw new FoveaException(path + ": gives " + node.shape().withoutBatch() + " and no maps, which " + method
          + " needs: choose a layer before it");
    }
    return new MapLayer(path, new Value(last));
  }

  private static boolean isIn(Node node, String path) {
    return node.path().equals(path) || node.path().startsWith(path + ".");
  }

  /**
   * The last value of several positions that the last layer with weights reads; a pool to a fixed size counts as a part of the
   * classifier.
   */
  private static MapLayer last(Graph graph, String method) {
    boolean[] before = needed(graph, graph.output(Model.OUTPUT));
    int classifier = IntStream.range(0, before.length).filter(i -> before[i] && hasWeights(graph, graph.nodes().get(i))).max()
        .orElse(before.length - 1);
    boolean[] read = needed(graph, new Value(classifier));
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

  /** Which nodes a value depends on, itself included. */
  private static boolean[] needed(Graph graph, Value value) {
    boolean[] needed = new boolean[graph.nodes().size()];
    needed[value.id()] = true;
    for (int i = value.id(); i >= 0; i--) {
      if (needed[i]) {
        graph.nodes().get(i).inputs().forEach(in -> needed[in.id()] = true);
      }
    }
    return needed;
  }
}

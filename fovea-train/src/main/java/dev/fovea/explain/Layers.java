package dev.fovea.explain;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.List;
import java.util.stream.IntStream;

/** The layers of a network's graph by their paths, as {@code fovea summary} lists them. */
public final class Layers {
  private Layers() {}

  /**
   * A layer's result: the last node of that path, or of the layers in it, that the output depends on.
   *
   * @throws FoveaException if there is none, naming the nearest paths
   */
  public static Value named(Graph graph, String path) {
    boolean[] needed = needed(graph, graph.output(Model.OUTPUT));
    int last = IntStream.range(0, needed.length)
        .filter(i -> needed[i] && isIn(graph.nodes().get(i), path) && !(graph.nodes().get(i).op() instanceof Op.Source)).max()
        .orElseThrow(() -> {
          List<String> paths = graph.nodes().stream().map(Node::path).filter(p -> !p.isEmpty()).distinct().toList();
          return new FoveaException("there is no layer '" + path + "': " + Names.nearest(path, paths)
              + "; fovea summary lists all");
        });
    return new Value(last);
  }

  /** Whether a node belongs to that layer, or to one in it. */
  public static boolean isIn(Node node, String path) {
    return node.path().equals(path) || node.path().startsWith(path + ".");
  }

  /** Which nodes a value depends on, itself included, by their numbers. */
  public static boolean[] needed(Graph graph, Value value) {
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

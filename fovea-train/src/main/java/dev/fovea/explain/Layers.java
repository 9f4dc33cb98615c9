package dev.fovea.explain;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Pointwise;
import dev.fovea.graph.ReceptiveFields;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The layers of a network's graph by their paths, as {@code fovea summary} lists them. */
public final class Layers {
  /** Layers that a message lists. */
  private static final int MAX_LISTED = 24;

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
        .orElseThrow(() -> new FoveaException("there is no layer '" + path + "': " + others(path, paths(graph))
            + "; fovea summary lists all"));
    return new Value(last);
  }

  private static String others(String path, Set<String> paths) {
    return paths.size() <= MAX_LISTED ? Names.nearest(path, paths)
        : Names.near(path, paths).map(near -> "did you mean " + near).orElse("the network has " + paths.size() + " others");
  }

  /** Whether a node belongs to that layer, or to one in it. */
  public static boolean isIn(Node node, String path) {
    return isIn(node.path(), path);
  }

  /** Whether a layer's path is that one, or that of a layer in it. */
  static boolean isIn(String layer, String path) {
    return layer.equals(path) || layer.startsWith(path + ".");
  }

  /** The paths of a graph's layers. */
  public static Set<String> paths(Graph graph) {
    return graph.nodes().stream().map(Node::path).filter(path -> !path.isEmpty())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** The last node that scores the classes: a convolution or a product with weights; maps that are enlarged after it are its own. */
  public static Value classifier(Graph graph) {
    boolean[] needed = needed(graph, graph.output(Model.OUTPUT));
    return new Value(IntStream.range(0, needed.length)
        .filter(i -> needed[i] && hasWeights(graph, graph.nodes().get(i)) && scores(graph.nodes().get(i).op())).max()
        .orElse(graph.output(Model.OUTPUT).id()));
  }

  private static boolean scores(Op op) {
    return !(op instanceof Op.ConvTranspose || op instanceof Op.LocalConv);
  }

  /**
   * The last value of several positions that the classifier reads and that weights were used for; a pool to a fixed size counts as a part
   * of the classifier. Empty if there is none.
   */
  public static Optional<Value> lastMaps(Graph graph) {
    Value classifier = classifier(graph);
    boolean[] read = needed(graph, classifier);
    Set<Value> maps = ReceptiveFields.of(graph).maps();
    boolean[] weighted = new boolean[classifier.id()];
    for (int i = 0; i < weighted.length; i++) {
      Node node = graph.nodes().get(i);
      weighted[i] = hasWeights(graph, node) || node.inputs().stream().anyMatch(in -> weighted[in.id()]);
    }
    return IntStream.range(0, classifier.id()).map(i -> classifier.id() - 1 - i)
        .filter(i -> read[i] && weighted[i] && maps.contains(new Value(i)) && isPlane(graph.nodes().get(i)))
        .mapToObj(Value::new).findFirst();
  }

  private static boolean isPlane(Node node) {
    return node.shape().sizeFrom(2) > 1
        && !(node.op() instanceof Op.Source || node.op() instanceof Op.AdaptiveAveragePool
            || node.op() instanceof Op.AdaptiveMaxPool);
  }

  /** Whether it is a convolution or a product of matrices with a parameter. */
  public static boolean hasWeights(Graph graph, Node node) {
    boolean product = node.op() instanceof Op.Conv || node.op() instanceof Op.ConvTranspose || node.op() instanceof Op.LocalConv
        || node.op() instanceof Op.Gemm || node.op() instanceof Op.MatMul;
    return product && node.inputs().stream().anyMatch(in -> graph.at(in).op() instanceof Op.Param);
  }

  /**
   * What becomes of a layer's result, place by place, as long as nothing else of the network joins it: normalised, activated. The result
   * itself is the first. An activation that reads it twice, such as {@code x sigmoid(x)}, is followed to its end.
   */
  public static List<Value> activated(Graph graph, Value result) {
    int[] readers = new int[graph.nodes().size()];
    boolean[] computed = new boolean[readers.length];
    for (int i = 0; i < readers.length; i++) {
      graph.nodes().get(i).inputs().forEach(in -> readers[in.id()]++);
      computed[i] = graph.nodes().get(i).op() instanceof Op.Input
          || graph.nodes().get(i).inputs().stream().anyMatch(in -> computed[in.id()]);
    }
    List<Value> chain = new ArrayList<>(List.of(result));
    int closed = 1;
    int unread = readers[result.id()]; // by what follows in the chain
    for (int i = result.id() + 1; i < readers.length && unread > 0; i++) {
      Node node = graph.nodes().get(i);
      int own = (int) node.inputs().stream().filter(chain::contains).count();
      boolean joins = own > 0 && Pointwise.is(node.op()) && node.shape().equals(graph.at(result).shape())
          && node.inputs().stream().allMatch(in -> chain.contains(in) || !computed[in.id()]);
      if (joins) {
        chain.add(new Value(i));
        unread -= own;
        closed = unread == 0 ? chain.size() : closed;
        unread += readers[i];
      }
    }
    return List.copyOf(chain.subList(0, closed));
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

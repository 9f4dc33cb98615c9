package dev.fovea.formats.onnx.read;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.proto.OnnxAttribute;
import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The order in which a graph's nodes are interpreted: each after those whose results it reads. */
final class Order {
  private Order() {}

  /**
   * The nodes in topological order, otherwise in the file's.
   *
   * @param known whether a name is an input, an initialiser or a value outside of the graph
   * @throws FoveaException if a name is computed twice or by no node, or if nodes form a cycle
   */
  static List<OnnxNode> of(List<OnnxNode> nodes, Predicate<String> known) {
    Map<String, OnnxNode> producers = new HashMap<>();
    for (OnnxNode node : nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty() && (producers.putIfAbsent(output, node) != null || known.test(output))) {
          throw new FoveaException(node.where() + ": computes " + Quote.quote(output) + ", which something else already does");
        }
      }
    }
    List<OnnxNode> ordered = new ArrayList<>(nodes.size());
    Set<OnnxNode> entered = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<OnnxNode> done = Collections.newSetFromMap(new IdentityHashMap<>());
    IdentityHashMap<OnnxNode, List<String>> reads = new IdentityHashMap<>();
    for (OnnxNode start : nodes) {
      Deque<OnnxNode> path = new ArrayDeque<>(List.of(start));
      while (!path.isEmpty()) {
        OnnxNode node = path.peek();
        if (done.contains(node)) {
          path.pop();
          continue;
        }
        boolean first = entered.add(node);
        boolean waits = false;
        for (String name : reads.computeIfAbsent(node, Order::reads)) {
          OnnxNode producer = producers.get(name);
          if (producer == null && !known.test(name)) {
            throw new FoveaException(node.where() + ": reads " + Quote.quote(name) + ", which no node computes");
          }
          if (producer != null && !done.contains(producer)) {
            if (!first || entered.contains(producer)) {
              throw new FoveaException(node.where() + ": is part of a cycle through " + Quote.quote(name));
            }
            path.push(producer);
            waits = true;
          }
        }
        if (!waits) {
          path.pop();
          done.add(node);
          ordered.add(node);
        }
      }
    }
    return ordered;
  }

  /** Those of the nodes, in topological order, on which the outputs depend. */
  static List<OnnxNode> needed(List<OnnxNode> nodes, List<String> outputs, Predicate<String> known) {
    List<OnnxNode> ordered = of(nodes, known);
    Set<String> names = new HashSet<>(outputs);
    List<OnnxNode> needed = new ArrayList<>();
    for (OnnxNode node : ordered.reversed()) {
      if (node.outputs().stream().anyMatch(names::contains)) {
        needed.add(node);
        names.addAll(reads(node));
      }
    }
    return needed.reversed();
  }

  /** The names that a node reads, also inside its subgraphs. */
  private static List<String> reads(OnnxNode node) {
    Set<String> names = new HashSet<>(node.inputs());
    names.remove("");
    for (OnnxAttribute attribute : node.attributes().values()) {
      if (attribute instanceof OnnxAttribute.GraphValue(OnnxGraph graph)) {
        names.addAll(free(graph));
      }
    }
    return List.copyOf(names);
  }

  /** The names that a subgraph reads from outside. */
  private static Set<String> free(OnnxGraph graph) {
    Set<String> names = new HashSet<>();
    graph.nodes().forEach(node -> names.addAll(reads(node)));
    graph.outputs().forEach(output -> names.add(output.name()));
    graph.nodes().forEach(node -> node.outputs().forEach(names::remove));
    graph.initializers().forEach(tensor -> names.remove(tensor.name()));
    graph.inputs().forEach(input -> names.remove(input.name()));
    names.remove("");
    return names;
  }
}

package dev.fovea.testkit;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A model's forward graph with the outputs that its parity file needs: the output of each layer, or the loss, its parts and the
 * gradients.
 */
final class ParityGraphs {
  static final String LOSS = "loss";

  private static final String PART = "part/";
  private static final String LAYER = "layer/";

  private final ParityNetwork network;
  private final Graph forward;

  /** @param model of any batch */
  ParityGraphs(ParityNetwork network, Graph model) {
    this.network = network;
    this.forward = Rewrite.withBatch(model, network.input().dim(0));
    checkParameters();
  }

  /** The output of {@link #evaluation} that holds a layer's output. */
  static String outputOf(ParityNetwork.Layer layer) {
    return LAYER + layer.name();
  }

  /** The output of {@link #training} that holds the loss of the network's own logits, 0, or of a head. */
  static String partOf(int head) {
    return PART + head;
  }

  /** The inference graph, with each layer of the file as an output. */
  Graph evaluation() {
    Map<String, Value> outputs = new LinkedHashMap<>(forward.outputs());
    network.layers().forEach(layer -> outputs.put(outputOf(layer), madeBy(layer.name())));
    return Rewrite.inference(new Graph(forward.nodes(), outputs, forward.heads()));
  }

  /** A layer's output is that of its last node, or of its last inner layer. */
  private Value madeBy(String layer) {
    for (int i = forward.nodes().size() - 1; i >= 0; i--) {
      Node node = forward.nodes().get(i);
      if (!(node.op() instanceof Op.Source) && (node.path().equals(layer) || node.path().startsWith(layer + "."))) {
        return new Value(i);
      }
    }
    Set<String> paths = forward.nodes().stream().map(Node::path).collect(Collectors.toCollection(TreeSet::new));
    throw new AssertionError(network.name() + " has no layer " + layer + ", only " + paths);
  }

  /**
   * The training graph, except for dropout: outputs are the loss, its parts and the updated running statistics. Parameters with a
   * gradient in the file are trainable here.
   */
  Graph training() {
    Set<String> trained = network.training().gradients().stream().map(ParityNetwork.Numbers::name).collect(Collectors.toSet());
    Graph batch = Rewrite.training(Rewrite.replay(forward, (g, node, in) -> switch (node.op()) {
      case Op.Dropout _ -> Optional.of(in.getFirst());
      case Op.Param p when trained.contains(p.name()) -> Optional.of(g.op(new Op.Param(p.name(), p.shape(), p.init(), true)));
      default -> Optional.empty();
    }));
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, batch, (_, _, _) -> Optional.empty());
    network.training().running().stream().map(n -> Rewrite.updatedOutputOf(n.name()))
        .forEach(moved -> g.output(moved, values.get(batch.output(moved).id())));
    Value labels = g.input("label", network.labels());
    Value loss = part(g, 0, values.get(batch.output(Model.OUTPUT).id()), labels);
    int head = 0;
    for (Map.Entry<String, Float> weighted : batch.heads().entrySet()) {
      Value part = part(g, ++head, values.get(batch.output(weighted.getKey()).id()), labels);
      loss = g.add(loss, g.mul(part, g.number(weighted.getValue())));
    }
    g.output(LOSS, loss);
    return g.build();
  }

  private static Value part(GraphBuilder g, int head, Value logits, Value labels) {
    boolean binary = g.shape(logits).dim(1) == 1;
    Value part = g.op(binary ? new Op.SigmoidCrossEntropyLoss() : new Op.SoftmaxCrossEntropyLoss(), logits, labels);
    g.output(partOf(head), part);
    return part;
  }

  Graph gradients() {
    return Gradients.withGradients(training(), LOSS);
  }

  /** The file's inputs and initial parameters; parameters that the file lacks, as a table of connections, have the graph's init. */
  Map<String, double[]> values() {
    Map<String, double[]> values = network.parameterValues();
    values.putAll(network.inputValues());
    for (Op.Param param : forward.params()) {
      values.computeIfAbsent(param.name(), _ -> initial(param));
    }
    return values;
  }

  private static double[] initial(Op.Param param) {
    float[] values = new float[param.shape().size()];
    param.init().fill(param.shape(), Rng.of(0), values, 0);
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** The trainable parameters must be those of the file. */
  private void checkParameters() {
    Map<String, Integer> file = new LinkedHashMap<>();
    network.weights().forEach(w -> file.put(w.name(), w.shape().size()));
    network.buffers().forEach(w -> file.put(w.name(), w.shape().size()));
    Map<String, Integer> ours = new LinkedHashMap<>();
    for (Op.Param param : forward.params()) {
      if (param.trainable() || file.containsKey(param.name())) {
        ours.put(param.name(), param.shape().size());
      }
    }
    if (!ours.equals(file)) {
      Set<String> differing = new TreeSet<>(file.keySet());
      differing.addAll(ours.keySet());
      differing.removeIf(name -> file.getOrDefault(name, 0).equals(ours.getOrDefault(name, 0)));
      throw new AssertionError(network.name() + ": in number or name these parameters are not those of the file: " + differing);
    }
  }
}

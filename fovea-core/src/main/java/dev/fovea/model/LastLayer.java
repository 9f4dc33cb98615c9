package dev.fovea.model;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The layer of a classifier that has one row of weights for each class, for {@link Model#withTask}: the last fully connected layer
 * or convolution, with the biases and normalisations after it. Between it and the logits there may be whatever treats each class
 * alone, such as a global average pool.
 */
final class LastLayer {
  private final String network;
  private final Graph graph;
  private final int classes;

  /** The parameters that depend on the number of classes, in their new form, by their value in the graph. */
  private final Map<Value, Op.Param> renewed = new HashMap<>();

  private int next;

  private LastLayer(String network, Graph graph, int classes) {
    this.network = network;
    this.graph = graph;
    this.classes = classes;
    collect(graph.output(Model.OUTPUT));
    graph.heads().keySet().forEach(head -> collect(graph.output(head)));
  }

  /** The graph and the parameters of a model in standard form for another number of classes; its last layer is reinitialised. */
  static Model of(Model model, Card card, long seed) {
    if (fits(card.task(), model)) {
      return new Model(model.graph(), Parameters.initial(model.graph(), seed, model.parameters()), card);
    }
    LastLayer last = new LastLayer(model.card().network(), model.graph(), card.task().size());
    Graph graph;
    try {
      graph = Rewrite.replay(model.graph(), last::replaced);
    } catch (FoveaException e) {
      throw new FoveaException(last.refusal(String.valueOf(e.getMessage())), e);
    }
    return new Model(graph, Parameters.initial(graph, seed, model.parameters()), card);
  }

  /** Whether the last layer has an output for each of the task's; a single one is for two classes. */
  private static boolean fits(Task task, Model model) {
    Task before = model.card().task();
    int outputs = before.kind() == task.kind() ? before.size() : model.graph().outputShape(Model.OUTPUT).dim(1);
    return task.size() == outputs;
  }

  /** The names of its parameters, those of heads included. */
  static Set<String> parameters(Model model) {
    LastLayer last = new LastLayer(model.card().network(), model.graph(), model.card().task().size());
    return last.renewed.values().stream().map(Op.Param::name).collect(Collectors.toUnmodifiableSet());
  }

  private String refusal(String why) {
    return network + ": cannot be given " + classes + " classes: " + why + "; use data of its "
        + graph.outputShape(Model.OUTPUT).dim(1)
        + " classes, or name a network that is built for any number";
  }

  /** Records the parameters that a value of one score for each class depends on, up to the last layer. */
  private void collect(Value scores) {
    Value value = scores;
    while (true) {
      Node node = graph.at(value);
      switch (node.op()) {
        case Op.Gemm(boolean transA, boolean transB) when !transA -> {
          renewLayer(node, transB ? 0 : 1);
          return;
        }
        case Op.MatMul _ when graph.at(node.inputs().get(1)).shape().rank() == 2 -> {
          renewLayer(node, 1);
          return;
        }
        case Op.Conv(_, int groups) when groups == 1 -> {
          renewLayer(node, 0);
          return;
        }
        case Op.Add _ -> renewVector(node, 0);
        case Op.Mul _ -> renewVector(node, 1);
        case Op.BatchNormalization _ -> {
          renew(node, 1, 0, new Init.Constant(1));
          renew(node, 2, 0, new Init.Constant(0));
          renew(node, 3, 0, new Init.Constant(0));
          renew(node, 4, 0, new Init.Constant(1));
        }
        case Op.Sum(int axis) when axis >= 2 -> {}
        case Op.ReduceMax(int axis) when axis >= 2 -> {}
        case Op.Relu _, Op.LeakyRelu _, Op.Sigmoid _, Op.Tanh _, Op.Clip _, Op.Dropout _, Op.Reshape _, Op.Flatten _ -> {}
        case Op.MaxPool _, Op.AveragePool _, Op.AdaptiveAveragePool _, Op.AdaptiveMaxPool _, Op.Crop _, Op.Resize _ -> {}
        default -> throw new FoveaException(refusal(node.where() + ": " + node.op().type() + " mixes or computes the classes"));
      }
      value = node.inputs().getFirst();
      if (graph.at(value).shape().rank() < 2) {
        throw new FoveaException(refusal(node.where() + ": reads " + graph.at(value).shape() + ", which has no axis of classes"));
      }
    }
  }

  /** The weight and the bias of the last layer, as PyTorch initialises them. */
  private void renewLayer(Node node, int axis) {
    Shape weight = graph.at(node.inputs().get(1)).shape();
    Init init = Init.torch(weight.size() / weight.dim(axis));
    renew(node, 1, axis, init);
    if (node.inputs().size() > 2) {
      renew(node, 2, graph.at(node.inputs().get(2)).shape().rank() - 1, init);
    }
  }

  /** A second operand of one value for each class; one value for all of them stays. */
  private void renewVector(Node node, float initial) {
    Shape shape = graph.at(node.inputs().get(1)).shape();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.dim(axis) > 1) {
        renew(node, 1, axis, new Init.Constant(initial));
        return;
      }
    }
  }

  private void renew(Node node, int operand, int axis, Init init) {
    Value value = node.inputs().get(operand);
    if (!(graph.at(value).op() instanceof Op.Param param)) {
      throw new FoveaException(refusal(node.where() + ": expected a parameter of the network as operand " + operand + " of "
          + node.op().type()));
    }
    renewed.put(value, new Op.Param(param.name(), param.shape().with(axis, classes), init, param.trainable()));
  }

  private Optional<Value> replaced(GraphBuilder g, Node node, List<Value> in) {
    return Optional.ofNullable(renewed.get(new Value(next++))).map(g::op);
  }
}

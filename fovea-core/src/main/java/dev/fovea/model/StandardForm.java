package dev.fovea.model;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Optional;

/** Rewrites the graph of a model for {@link Model#standardForm}. */
final class StandardForm {
  /** From N x H x W x C to N x C x H x W. */
  private static final List<Integer> CHANNELS_FIRST = List.of(0, 3, 1, 2);

  private final Graph graph;
  private final Op.Input input;

  /** Whether every reader of the input moves its channels from the last axis to the first. */
  private final boolean channelsLast;

  /**
   * Takes the graph apart.
   *
   * @param network its name, for messages
   */
  StandardForm(String network, Graph graph) {
    this.graph = graph;
    List<Op.Input> inputs = graph.inputs();
    if (inputs.size() != 1) {
      throw new FoveaException(network + ": expected one input, an image, got "
          + inputs.stream().map(in -> in.name() + " of " + in.shape()).toList() + ": run it on arrays");
    }
    input = inputs.getFirst();
    if (input.shape().rank() != 4 || input.shape().dim(0) != 1) {
      throw new FoveaException(network + ": expected an input of one image, 1 x C x H x W, got " + input.name() + " of "
          + input.shape() + ": run it on arrays");
    }
    channelsLast = graph.nodes().stream().filter(node -> node.inputs().stream().anyMatch(this::isInput))
        .allMatch(this::movesChannels);
  }

  private boolean isInput(Value value) {
    return graph.at(value).op() instanceof Op.Input;
  }

  private boolean movesChannels(Node node) {
    return node.op() instanceof Op.Transpose(var perm) && perm.equals(CHANNELS_FIRST) && isInput(node.inputs().getFirst());
  }

  /** The input in standard form. */
  Op.Input image() {
    if (!channelsLast) {
      return new Op.Input(Model.INPUT, input.shape(), input.fixed());
    }
    Shape shape = new Shape(CHANNELS_FIRST.stream().map(input.shape()::dim).toList());
    return new Op.Input(Model.INPUT, shape, input.fixed().stream().map(CHANNELS_FIRST::indexOf).toList());
  }

  /** The graph in standard form; the same if it has that form. */
  Graph graph(String mainOutput) {
    Value logits = logits(graph.output(mainOutput));
    boolean standard = input.name().equals(Model.INPUT) && !channelsLast && logits.equals(graph.outputs().get(Model.OUTPUT))
        && !isOneByOne(logits);
    return standard ? graph : rewritten(logits, isOneByOne(logits));
  }

  /** The graph with that output alone, as it is. */
  Graph graphOf(String output) {
    return rewritten(graph.output(output), false);
  }

  /** The scores before a last softmax, or before a last sigmoid if there is one score. */
  private Value logits(Value scores) {
    Node last = graph.at(scores);
    boolean probabilities = last.op() instanceof Op.Softmax || last.op() instanceof Op.Sigmoid && last.shape().size() == 1;
    return probabilities ? last.inputs().getFirst() : scores;
  }

  /** Whether the scores of an image are a map of one position: flattened, they classify the image. */
  private boolean isOneByOne(Value scores) {
    Shape shape = graph.at(scores).shape();
    return shape.rank() == 4 && shape.sizeFrom(2) == 1;
  }

  private Graph rewritten(Value main, boolean flat) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, graph, this::renamed);
    Value output = values.get(main.id());
    g.output(Model.OUTPUT, flat ? g.op(new Op.Flatten(), output) : output);
    graph.heads().forEach((name, weight) -> g.head(name, values.get(graph.output(name).id()), weight));
    return Rewrite.prune(g.build());
  }

  private Optional<Value> renamed(GraphBuilder g, Node node, List<Value> in) {
    if (channelsLast && movesChannels(node)) {
      return Optional.of(in.getFirst());
    }
    return node.op() instanceof Op.Input ? Optional.of(g.op(image())) : Optional.empty();
  }
}

package dev.fovea.model;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.image.Fit;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A classifier as a network for images of any size: a fully connected layer over a map of C x H x W is a convolution by C x H x W
 * filters, whose weights are the same bytes. Global and adaptive pools become windows of the size that they have at the
 * classifier's original image size. For a larger image the output is a map of logits, one position for each window. Long et al.
 * 2015, section 3.1; Sermanet et al. 2014 (OverFeat, section 3.5).
 */
final class FullyConvolutional {
  private final Graph graph;

  /** The shape C x H x W of the map that a flattened value holds. */
  private final Map<Value, Shape> maps = new HashMap<>();

  /** The new shape of a parameter. */
  private final Map<Value, Shape> parameters = new HashMap<>();

  private int next;

  private FullyConvolutional(Graph graph) {
    this.graph = graph;
    for (int i = 0; i < graph.nodes().size(); i++) {
      collect(new Value(i), graph.nodes().get(i));
    }
  }

  static Model of(Model model) {
    if (!(model.card().task() instanceof Task.OneLabel)) {
      throw new FoveaException("cannot be made fully convolutional: expected a classifier of one label, got one of "
          + model.card().task().kind());
    }
    FullyConvolutional rewrite = new FullyConvolutional(model.graph());
    Graph graph;
    try {
      graph = Rewrite.replay(model.graph(), rewrite::convolutional);
    } catch (FoveaException e) {
      // a parameter used with flattened maps of two shapes, or a vector of channels that is not a parameter
      throw new FoveaException("cannot be made fully convolutional: " + e.getMessage(), e);
    }
    if (graph.outputShape(Model.OUTPUT).rank() != 4) {
      throw new FoveaException(
          "cannot be made fully convolutional: expected maps that are flattened for fully connected layers; the"
              + " network has none, so that its output would not be a map of logits");
    }
    Parameters from = model.parameters();
    Parameters to = Parameters.zeros(graph);
    for (Parameters.Entry entry : to.entries()) {
      System.arraycopy(from.values(), from.entry(entry.name()).offset(), to.values(), entry.offset(), entry.shape().size());
    }
    Card card = model.card();
    return new Model(graph, to, card.preprocessing(card.preprocessing().fit(Fit.STRETCH)));
  }

  /** Records the flattened values and the new shapes of the parameters used with them. */
  private void collect(Value value, Node node) {
    List<Value> in = node.inputs();
    boolean flat = in.stream().anyMatch(maps::containsKey);
    switch (node.op()) {
      case Op.Flatten _ -> {
        Shape x = graph.at(in.getFirst()).shape();
        if (flat) {
          maps.put(value, map(node));
        } else if (x.rank() == 4) {
          maps.put(value, x.withoutBatch());
        }
      }
      case Op.Gemm gemm when flat -> {
        Shape weight = graph.at(in.get(1)).shape();
        if (gemm.transA() || !gemm.transB() || !(graph.at(in.get(1)).op() instanceof Op.Param)) {
          throw refused(node, "a fully connected layer whose weight is a parameter, [out, in]");
        }
        Shape map = map(node);
        parameters.put(in.get(1), Shape.of(weight.dim(0), map.dim(0), map.dim(1), map.dim(2)));
        maps.put(value, Shape.of(weight.dim(0), 1, 1));
      }
      case Op.Relu _, Op.LeakyRelu _, Op.Sigmoid _, Op.Tanh _, Op.Clip _, Op.Elu _, Op.Softplus _, Op.Erf _, Op.Exp _, Op.Pow _, Op.Log _, Op.Sin _, Op.Cos _, Op.Floor _, Op.Round _, Op.Dropout _ -> {
        if (flat) {
          maps.put(value, map(node));
        }
      }
      case Op.Add _, Op.Mul _, Op.Div _, Op.Max _, Op.Less _ -> {
        if (flat) {
          combine(value, node);
        }
      }
      case Op.Softmax(int axis) when axis != 1 -> refuse(node, flat);
      case Op.LogSoftmax(int axis) when axis != 1 -> refuse(node, flat);
      case Op.Softmax _, Op.LogSoftmax _, Op.BatchNormalization _ -> {
        if (flat) {
          maps.put(value, single(node));
        }
      }
      case Op.Maxout(int pieces) -> {
        if (flat) {
          Shape map = single(node);
          maps.put(value, map.with(0, map.dim(0) / pieces));
        }
      }
      case Op.Conv _, Op.ConvTranspose _, Op.LocalConv _, Op.MaxPool _, Op.AveragePool _ -> refuse(node, flat);
      case Op.AdaptiveAveragePool(int h, int w) -> window(node, h, w);
      case Op.AdaptiveMaxPool(int h, int w) -> window(node, h, w);
      case Op.MaxUnpool _, Op.MaxPick _, Op.ExponentialRace _ -> refuse(node, flat);
      case Op.Reshape _, Op.Concat _, Op.Slice _, Op.Pad _, Op.PadToMultiple _, Op.Crop _, Op.Resize _ -> refuse(node, flat);
      case Op.MatMul _, Op.Transpose _, Op.Gather _, Op.GatherElements _, Op.TopK _, Op.ReduceMax _, Op.Where _ -> refuse(node, flat);
      case Op.Gemm _, Op.Sum _, Op.Mean _, Op.OneHot _, Op.Lrn _, Op.RowNormalization _ -> refuse(node, flat);
      case Op.SoftmaxCrossEntropyLoss _, Op.SigmoidCrossEntropyLoss _, Op.Source _, Op.Adjoint _ -> refuse(node, flat);
    }
  }

  private static void refuse(Node node, boolean flat) {
    if (flat) {
      throw refused(node, "no " + node.op().type() + " on flattened maps");
    }
  }

  /** The map shape of a node's first operand. */
  private Shape map(Node node) {
    Shape map = maps.get(node.inputs().getFirst());
    if (map == null) {
      throw refused(node, "flattened maps as the first operand of " + node.op().type());
    }
    return map;
  }

  /** The second operand of a sum or product is another flattened value, a scalar, or a vector of channels. */
  private void combine(Value value, Node node) {
    Value second = node.inputs().get(1);
    maps.put(value, map(node));
    Shape shape = graph.at(second).shape();
    if (!maps.containsKey(second) && shape.size() > 1) {
      if (shape.size() != single(node).dim(0)) {
        throw refused(node, "a scalar or a vector of channels as the second operand of " + node.op().type());
      }
      parameters.put(second, Shape.of(single(node).dim(0), 1, 1));
    }
  }

  private Shape single(Node node) {
    Shape map = map(node);
    if (map.sizeFrom(1) != 1) {
      throw refused(node, "maps of 1x1 before " + node.op().type());
    }
    return map;
  }

  private static FoveaException refused(Node node, String expected) {
    return new FoveaException(
        node.where() + ": cannot be made fully convolutional: expected " + expected + "; rewrite that layer as convolutions");
  }

  /** Called for each node in the graph's order. */
  private Optional<Value> convolutional(GraphBuilder g, Node node, List<Value> in) {
    Value original = new Value(next++);
    return switch (node.op()) {
      case Op.Input(String name, Shape shape, List<Integer> fixed) when !fixed.isEmpty() && !namesPixels() ->
          Optional.of(g.op(new Op.Input(name, shape, fixed.stream().filter(axis -> axis < 2).toList())));
      case Op.Param p when parameters.containsKey(original) -> Optional.of(
          g.op(new Op.Param(p.name(), parameters.getOrDefault(original, p.shape()), p.init(), p.trainable())));
      case Op.Flatten _ when maps.containsKey(original) -> Optional.of(in.getFirst());
      case Op.Gemm _ when maps.containsKey(original) -> {
        Shape weight = g.shape(in.get(1));
        yield Optional.of(g.op(new Op.Conv(Window.of(weight.dim(2), weight.dim(3)), 1), in));
      }
      case Op.AdaptiveAveragePool(int h, int w) ->
          Optional.of(g.op(new Op.AveragePool(window(node, h, w), false), in));
      case Op.AdaptiveMaxPool(int h, int w) -> Optional.of(g.op(new Op.MaxPool(window(node, h, w)), in));
      default -> Optional.empty();
    };
  }

  /**
   * Whether a node reads certain rows or columns, or counts them: then the image's size stays built in. Otherwise only the fully
   * connected layers needed it.
   */
  private boolean namesPixels() {
    return graph.nodes().stream().filter(node -> node.inputs().stream().anyMatch(input -> graph.at(input).shape().rank() > 2))
        .anyMatch(node -> switch (node.op()) {
          case Op.Slice(int axis, _, _) -> axis >= 2;
          case Op.Gather(int axis, _) -> axis >= 2;
          case Op.Reshape _, Op.MatMul _, Op.GatherElements _, Op.TopK _ -> true;
          default -> false;
        });
  }

  private Window window(Node node, int h, int w) {
    Shape x = graph.at(node.inputs().getFirst()).shape();
    if (x.dim(2) % h != 0 || x.dim(3) % w != 0) {
      throw refused(node, "a map that " + h + "x" + w + " windows divide, got " + x.dim(2) + "x" + x.dim(3));
    }
    int rows = x.dim(2) / h;
    int columns = x.dim(3) / w;
    // stride 1 for a single window; for several windows the stride is their size
    return Window.of(rows, columns).stride(h == 1 ? 1 : rows, w == 1 ? 1 : columns);
  }
}

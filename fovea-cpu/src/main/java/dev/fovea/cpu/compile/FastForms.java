package dev.fovea.cpu.compile;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The pass that writes operators as equal ones that have fast kernels, now that the shapes are known: a product with one matrix as
 * {@link Op.Gemm}, its sum with a row as the bias of that, a shuffle of channels as {@link Op.Gather}, and sums and products with
 * the smaller operand second.
 */
public final class FastForms {
  /** More channels than any network shuffles; the list of them has to be short. */
  private static final int MAX_CHANNELS = 1 << 16;

  private final Graph graph;
  private final int[] readers;

  /** The values that no input affects. */
  private final boolean[] constant;

  /** The nodes so far with their rewritten inputs. */
  private final IdentityHashMap<Node, List<Value>> rewritten = new IdentityHashMap<>();

  private FastForms(Graph graph) {
    this.graph = graph;
    this.readers = new int[graph.nodes().size()];
    graph.nodes().forEach(node -> node.inputs().forEach(v -> readers[v.id()]++));
    graph.outputs().values().forEach(v -> readers[v.id()]++);
    this.constant = new boolean[readers.length];
    for (int i = 0; i < constant.length; i++) {
      Node node = graph.nodes().get(i);
      constant[i] = !(node.op() instanceof Op.Input) && node.inputs().stream().allMatch(v -> constant[v.id()]);
    }
  }

  public static Graph apply(Graph graph) {
    boolean needed = graph.nodes().stream().anyMatch(node -> switch (node.op()) {
      case Op.MatMul _, Op.Transpose _ -> true;
      case Op.Add _, Op.Mul _ -> isSmallerFirst(graph, node);
      default -> false;
    });
    return needed ? Rewrite.replay(graph, new FastForms(graph)::node) : graph;
  }

  private Optional<Value> node(GraphBuilder g, Node node, List<Value> in) {
    rewritten.put(node, in);
    return switch (node.op()) {
      case Op.MatMul _ when isOneMatrix(node) -> Optional.of(gemm(g, in, node.shape()));
      case Op.Add _ when isWithBias(node, 0) -> Optional.of(withBias(g, node, 0, in.get(1)));
      case Op.Add _ when isWithBias(node, 1) -> Optional.of(withBias(g, node, 1, in.get(0)));
      case Op.Add _, Op.Mul _ when isSmallerFirst(graph, node) -> Optional.of(g.op(node.op(), in.get(1), in.get(0)));
      case Op.Reshape _ -> shuffle(g, node);
      case Op.Transpose(List<Integer> perm) when keepsOrder(perm, shape(node, 0)) ->
          Optional.of(reshaped(g, in.getFirst(), node.shape()));
      default -> Optional.empty();
    };
  }

  /** Whether only axes of size 1 are moved, and so no element. */
  private static boolean keepsOrder(List<Integer> perm, Shape x) {
    List<Integer> moved = perm.stream().filter(axis -> x.dim(axis) > 1).toList();
    return moved.equals(moved.stream().sorted().toList());
  }

  private static boolean isSmallerFirst(Graph graph, Node node) {
    Shape first = graph.at(node.inputs().get(0)).shape();
    return !first.equals(node.shape()) && graph.at(node.inputs().get(1)).shape().equals(node.shape());
  }

  private boolean isOneMatrix(Node node) {
    return node.op() instanceof Op.MatMul && shape(node, 1).rank() == 2;
  }

  private Shape shape(Node node, int input) {
    return graph.at(node.inputs().get(input)).shape();
  }

  /** The rows of all matrices of the first operand times the one matrix, and a bias if there is a third. */
  private static Value gemm(GraphBuilder g, List<Value> in, Shape shape) {
    Shape matrix = g.shape(in.get(1));
    Value rows = reshaped(g, in.getFirst(), Shape.of(g.shape(in.getFirst()).size() / matrix.dim(0), matrix.dim(0)));
    Op gemm = new Op.Gemm(false, false);
    Value products = in.size() == 3 ? g.op(gemm, rows, in.get(1), in.get(2)) : g.op(gemm, rows, in.get(1));
    return reshaped(g, products, shape);
  }

  private static Value reshaped(GraphBuilder g, Value x, Shape shape) {
    return g.shape(x).equals(shape) ? x : g.op(Op.Reshape.of(shape), x);
  }

  /**
   * Whether an operand is a product with one matrix that nothing else reads, and the other one a constant row: the sum of a batch of
   * one image and another of the same must have the same order as that of more.
   */
  private boolean isWithBias(Node sum, int product) {
    Value value = sum.inputs().get(product);
    Shape row = shape(sum, 1 - product);
    return isOneMatrix(graph.at(value))
        && readers[value.id()] == 1
        && constant[sum.inputs().get(1 - product).id()]
        && shape(sum, product).equals(sum.shape())
        && row.rank() >= 1
        && row.size() == row.dim(row.rank() - 1)
        && row.size() == sum.shape().dim(sum.shape().rank() - 1);
  }

  private Value withBias(GraphBuilder g, Node sum, int product, Value row) {
    List<Value> in = new ArrayList<>(inputs(graph.at(sum.inputs().get(product))));
    in.add(reshaped(g, row, Shape.of(g.shape(row).size())));
    return gemm(g, in, sum.shape());
  }

  private List<Value> inputs(Node node) {
    return rewritten.getOrDefault(node, List.of());
  }

  /** A reshape that splits the channels, a transposition of the parts, and a reshape that joins them. */
  private Optional<Value> shuffle(GraphBuilder g, Node join) {
    Node transpose = graph.at(join.inputs().getFirst());
    if (!(transpose.op() instanceof Op.Transpose(List<Integer> perm))
        || !(graph.at(transpose.inputs().getFirst()).op() instanceof Op.Reshape)
        || join.shape().rank() < 2) {
      return Optional.empty();
    }
    Node split = graph.at(transpose.inputs().getFirst());
    Shape x = shape(split, 0);
    int end = perm.size();
    while (end > 0 && perm.get(end - 1) == end - 1) {
      end--;
    }
    boolean shuffles = end > 1
        && perm.getFirst() == 0
        && x.equals(join.shape())
        && x.dim(1) <= MAX_CHANNELS
        && split.shape().dim(0) == x.dim(0)
        && split.shape().sizeFrom(end) == x.sizeFrom(2);
    if (!shuffles) {
      return Optional.empty();
    }
    Shape parts = new Shape(split.shape().dims().subList(1, end));
    List<Integer> moved = perm.subList(1, end);
    List<Integer> channels = IntStream.range(0, x.dim(1)).map(c -> source(c, parts, moved)).boxed().toList();
    return Optional.of(g.op(new Op.Gather(1, channels), inputs(split).getFirst()));
  }

  /** The channel that a transposition of the parts moves to channel {@code c}; its axes are numbered from 1. */
  private static int source(int c, Shape parts, List<Integer> perm) {
    int rest = c;
    int channel = 0;
    for (int axis = perm.size() - 1; axis >= 0; axis--) {
      int from = perm.get(axis) - 1;
      channel += rest % parts.dim(from) * parts.sizeFrom(from + 1);
      rest /= parts.dim(from);
    }
    return channel;
  }
}

package dev.fovea.cpu.compile;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.graph.Node;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Optional;

/** A node that is being lowered, as a kernel set sees it. */
public record NodeContext(Lowering lowering, Value value, Node node) {
  /** The step overwrites no input. */
  public static final int NOT_IN_PLACE = Step.NOT_IN_PLACE;

  public Shape shape(int input) {
    return lowering.shape(node.inputs().get(input));
  }

  public List<Shape> shapes() {
    return node.inputs().stream().map(lowering::shape).toList();
  }

  /** An input's memory in that layout. */
  public Buffer operand(int input, Layout layout) {
    return lowering.operand(node.inputs().get(input), layout);
  }

  public List<Buffer> operands(Layout layout) {
    return node.inputs().stream().map(v -> lowering.operand(v, layout)).toList();
  }

  /** Whether a convolution or a matrix product has a third operand. */
  public boolean hasBias() {
    return node.inputs().size() == 3;
  }

  /** An operand as a scalar, if it is a constant of the graph with one element. */
  public Optional<Float> scalar(int input) {
    return lowering.scalar(node.inputs().get(input));
  }
}

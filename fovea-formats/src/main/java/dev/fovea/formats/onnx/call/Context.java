package dev.fovea.formats.onnx.call;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.Optional;

/**
 * Where a node is interpreted. A file is interpreted for several shapes of its inputs; what differs in the other interpretation
 * depends on them.
 */
public interface Context {
  Compose g();

  Weights weights();

  /** The version of ONNX's operators. */
  int opset();

  /** The shape that the value of that name has in the other interpretation; empty without one, or if it is constant there. */
  Optional<Shape> otherShape(String name);

  /** The elements that the constant of that name has in the other interpretation. */
  Optional<Array> otherConstant(String name);

  /** Whether a number in a Reshape stands for the batch where it was equal to it in the other interpretation. */
  boolean literalBatch();

  /** How many times the images of the other interpretation there are here. */
  int batchRatio();

  /** The number of images in the other interpretation. */
  int otherBatch();

  /** How values of the graph came about. */
  Origins origins();

  /** What is known about integers that values stand for. */
  Quantities quantities();

  /** The latest images of that height and width here, and of the other height and width in the other interpretation. */
  Optional<Value> imagesOf(int h, int w, int otherH, int otherW);

  /** Ones of {@code [N, 1, ...]} for the batch that has that many images here and that many in the other interpretation. */
  Optional<Value> onesOf(int batch, int otherBatch, int rank);
}

package dev.fovea.formats.onnx.write;

import dev.fovea.tensor.FoveaException;
import java.util.Set;

/**
 * How a model is written.
 *
 * @param opset the version of ONNX's operators, {@value #OLDEST} to {@value #NEWEST}
 * @param halfWeights weights of two or more axes are stored as float16; the computation stays in float32
 * @param training keeps what only training uses: dropout, heads
 * @param anySize height and width stay open where the network allows it; otherwise they are fixed, which makes an adaptive pool
 *     a plain one
 * @param integers the outputs that hold integers, to be written as int64
 */
public record OnnxOptions(int opset, boolean halfWeights, boolean training, boolean anySize, Set<String> integers) {
  static final int OLDEST = 13;
  static final int NEWEST = 17;

  public OnnxOptions {
    integers = Set.copyOf(integers);
    if (opset < OLDEST || opset > NEWEST) {
      throw new FoveaException("opset: expected " + OLDEST + " to " + NEWEST + ", got " + opset);
    }
  }

  /** Opset 17, float32 weights, for inference, any size. */
  public static OnnxOptions standard() {
    return new OnnxOptions(NEWEST, false, false, true, Set.of());
  }

  public OnnxOptions opset(int opset) {
    return new OnnxOptions(opset, halfWeights, training, anySize, integers);
  }

  public OnnxOptions halfWeights(boolean halfWeights) {
    return new OnnxOptions(opset, halfWeights, training, anySize, integers);
  }

  public OnnxOptions training(boolean training) {
    return new OnnxOptions(opset, halfWeights, training, anySize, integers);
  }

  public OnnxOptions anySize(boolean anySize) {
    return new OnnxOptions(opset, halfWeights, training, anySize, integers);
  }

  public OnnxOptions integers(Set<String> integers) {
    return new OnnxOptions(opset, halfWeights, training, anySize, integers);
  }

  /** The oldest version of the messages that has this opset, so that older readers take the file. */
  int irVersion() {
    return opset < 15 ? 7 : 8;
  }
}

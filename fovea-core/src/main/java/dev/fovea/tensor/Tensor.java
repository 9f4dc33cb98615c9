package dev.fovea.tensor;

/** An array of floats with a shape, row-major. The array is the tensor's storage, not a copy: a write to it changes the tensor. */
public record Tensor(Shape shape, float[] values) {
  public Tensor {
    if (shape.size() != values.length) {
      throw new FoveaException("a tensor of " + shape + " has " + shape.size() + " elements, got " + values.length);
    }
  }
}

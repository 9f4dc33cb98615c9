package dev.fovea.tensor;

/** Numbers with a shape, row-major. The array is the tensor's own storage, not a copy: whoever writes to it changes the tensor. */
public record Tensor(Shape shape, float[] values) {
  public Tensor {
    if (shape.size() != values.length) {
      throw new FoveaException("a tensor of " + shape + " holds " + shape.size() + " numbers, got " + values.length);
    }
  }
}

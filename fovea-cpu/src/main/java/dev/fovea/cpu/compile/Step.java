package dev.fovea.cpu.compile;

import dev.fovea.cpu.kernel.Kernel;
import java.util.List;
import java.util.Map;

/**
 * One step of a lowered graph.
 *
 * @param name the kernel's name, as in {@code nchw16n.conv}
 * @param path the layer it belongs to
 * @param work multiply-adds or, if there are none, elements; decides whether it pays to wake more threads
 * @param inPlace the input that the output may overwrite, or {@link #NOT_IN_PLACE}
 * @param onParameterChange whether it runs only after the parameters have changed
 */
public record Step(
    String name,
    String path,
    List<Buffer> inputs,
    Buffer output,
    long work,
    int inPlace,
    boolean onParameterChange,
    Kernel kernel) {
  public static final int NOT_IN_PLACE = -1;

  public Step {
    inputs = List.copyOf(inputs);
  }

  /** The same step with some buffers replaced. */
  Step withBuffers(Map<Buffer, Buffer> replacements) {
    List<Buffer> in = inputs.stream().map(b -> replacements.getOrDefault(b, b)).toList();
    return new Step(name, path, in, replacements.getOrDefault(output, output), work, inPlace, onParameterChange, kernel);
  }

  Step notInPlace() {
    return new Step(name, path, inputs, output, work, NOT_IN_PLACE, onParameterChange, kernel);
  }
}

package dev.fovea.cpu.compile;

import dev.fovea.cpu.kernel.Kernel;
import java.util.List;
import java.util.Map;

/**
 * One step of a lowered graph.
 *
 * @param name the kernel's name, {@code nchw16n.conv}
 * @param path the layer it belongs to
 * @param work multiply-adds or, without any, elements: what decides whether a second thread is worth waking
 * @param inPlace the input whose memory the output may take over, or {@link #NOT_IN_PLACE}
 * @param onChange only runs after the parameters have changed
 */
public record Step(
    String name,
    String path,
    List<Buffer> inputs,
    Buffer output,
    long work,
    int inPlace,
    boolean onChange,
    Kernel kernel) {
  public static final int NOT_IN_PLACE = -1;

  public Step {
    inputs = List.copyOf(inputs);
  }

  /** The same step on other buffers in the place of some. */
  Step moved(Map<Buffer, Buffer> to) {
    List<Buffer> in = inputs.stream().map(b -> to.getOrDefault(b, b)).toList();
    return new Step(name, path, in, to.getOrDefault(output, output), work, inPlace, onChange, kernel);
  }

  Step notInPlace() {
    return new Step(name, path, inputs, output, work, NOT_IN_PLACE, onChange, kernel);
  }
}

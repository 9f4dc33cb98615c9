package dev.fovea.cpu.compile;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.PointwiseKernel;
import dev.fovea.cpu.kernel.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The pass that fuses steps: a {@link PointwiseKernel} becomes the epilogue of the {@link EpilogueKernel} that computes one of its
 * inputs, if no other step reads that input and the other inputs are computed before. Activations, residual sums and their
 * gradients then need no pass over memory. The results are bit for bit those of the separate steps.
 */
public final class Fusion {
  /** Pointwise kernels in one epilogue. Each is a nested call, so the depth is limited; no known network has longer chains. */
  private static final int MAX_FUSED = 32;

  private final Lowering.Lowered lowered;
  private final List<@Nullable Step> steps;

  /** The index of the step that computes a buffer. */
  private final Map<Buffer, Integer> producers = new HashMap<>();

  /** The number of steps and outputs that read a buffer. */
  private final Map<Buffer, Integer> readers = new HashMap<>();

  private Fusion(Lowering.Lowered lowered) {
    this.lowered = lowered;
    this.steps = new ArrayList<>(lowered.steps());
  }

  public static Lowering.Lowered apply(Lowering.Lowered lowered) {
    Fusion fusion = new Fusion(lowered);
    fusion.lowered.steps().forEach(step -> step.inputs().forEach(fusion::read));
    fusion.lowered.outputs().values().forEach(fusion::read);
    fusion.lowered.inputs().values().forEach(fusion::read);
    for (int i = 0; i < fusion.steps.size(); i++) {
      fusion.step(i, lowered.steps().get(i));
    }
    return lowered.withSteps(fusion.steps.stream().filter(s -> s != null).toList());
  }

  private void read(Buffer buffer) {
    readers.merge(buffer, 1, Integer::sum);
  }

  private void step(int index, Step step) {
    if (step.kernel() instanceof PointwiseKernel pointwise) {
      for (int input = 0; input < step.inputs().size(); input++) {
        int producer = producers.getOrDefault(step.inputs().get(input), -1);
        if (pointwise.canFuse(input) && producer >= 0 && canFuse(producer, step, input)) {
          steps.set(producer, fused(Objects.requireNonNull(steps.get(producer)), step, pointwise, input));
          steps.set(index, null);
          producers.put(step.output(), producer);
          return;
        }
      }
    }
    producers.put(step.output(), index);
  }

  private boolean canFuse(int producer, Step pointwise, int input) {
    Step step = steps.get(producer);
    Buffer between = pointwise.inputs().get(input);
    for (int other = 0; other < pointwise.inputs().size(); other++) {
      if (other != input && producers.getOrDefault(pointwise.inputs().get(other), -1) >= producer) {
        return false;
      }
    }
    return step != null
        && step.onParameterChange() == pointwise.onParameterChange()
        && step.kernel() instanceof EpilogueKernel kernel
        && (!(kernel instanceof Fused fused) || fused.count < MAX_FUSED)
        && between.storage() == Buffer.Storage.ARENA
        && readers.getOrDefault(between, 0) == 1
        && between.size() == pointwise.output().size()
        && pointwise.output().storage() == Buffer.Storage.ARENA;
  }

  private static Step fused(Step producer, Step step, PointwiseKernel pointwise, int input) {
    List<Buffer> others = new ArrayList<>(step.inputs());
    others.remove(input);
    List<Buffer> in = new ArrayList<>(producer.inputs());
    in.addAll(others);
    String name = producer.name() + "+" + step.name().substring(step.name().lastIndexOf('.') + 1);
    int count = producer.kernel() instanceof Fused fused ? fused.count + 1 : 1;
    Kernel kernel = new Fused((EpilogueKernel) producer.kernel(), producer.inputs().size(), pointwise, input, count);
    return new Step(name, producer.path(), in, step.output(), producer.work(), producer.inPlace(), producer.onParameterChange(),
        kernel);
  }

  /**
   * Two kernels as one.
   *
   * @param inputs the number of inputs of the producer; the other inputs of the pointwise kernel follow
   * @param input the input of the pointwise kernel that the producer computes
   * @param count the number of pointwise kernels fused into the first producer
   */
  private record Fused(EpilogueKernel producer, int inputs, PointwiseKernel pointwise, int input, int count)
      implements EpilogueKernel {
    @Override
    public Task bind(List<Address> in, Address out, Epilogue epilogue) {
      Epilogue own = pointwise.epilogue(in.subList(inputs, in.size()), out, input);
      return producer.bind(in.subList(0, inputs), out, own.then(epilogue));
    }
  }
}

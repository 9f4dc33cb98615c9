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
 * The pass that joins steps: a {@link PointwiseKernel} rides on the {@link EpilogueKernel} that makes one of its inputs, where nobody else reads that
 * and the other inputs are made before. Activations, residual sums and their gradients then cost no walk through memory. The
 * numbers are those of the steps one by one, to the bit.
 */
public final class Fusion {
  /** Riders on one carrier; longer chains, which no network has, are cut, as each rider is a call within another. */
  private static final int MOST = 32;

  private final Lowering.Lowered lowered;
  private final List<@Nullable Step> steps;
  private final Map<Buffer, Integer> makers = new HashMap<>();
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
    return lowered.with(fusion.steps.stream().filter(s -> s != null).toList());
  }

  private void read(Buffer buffer) {
    readers.merge(buffer, 1, Integer::sum);
  }

  private void step(int number, Step step) {
    if (step.binder() instanceof PointwiseKernel rider) {
      for (int input = 0; input < step.inputs().size(); input++) {
        int maker = makers.getOrDefault(step.inputs().get(input), -1);
        if (rider.rides(input) && maker >= 0 && carries(maker, step, input)) {
          steps.set(maker, joined(Objects.requireNonNull(steps.get(maker)), step, rider, input));
          steps.set(number, null);
          makers.put(step.output(), maker);
          return;
        }
      }
    }
    makers.put(step.output(), number);
  }

  private boolean carries(int maker, Step rider, int input) {
    Step carrier = steps.get(maker);
    Buffer made = rider.inputs().get(input);
    for (int other = 0; other < rider.inputs().size(); other++) {
      if (other != input && makers.getOrDefault(rider.inputs().get(other), -1) >= maker) {
        return false;
      }
    }
    return carrier != null
        && carrier.onChange() == rider.onChange()
        && carrier.binder() instanceof EpilogueKernel binder
        && (!(binder instanceof Joined joined) || joined.riders < MOST)
        && made.home() == Buffer.Home.ARENA
        && readers.getOrDefault(made, 0) == 1
        && made.size() == rider.output().size()
        && rider.output().home() == Buffer.Home.ARENA;
  }

  private static Step joined(Step carrier, Step rider, PointwiseKernel binder, int carried) {
    List<Buffer> others = new ArrayList<>(rider.inputs());
    others.remove(carried);
    List<Buffer> in = new ArrayList<>(carrier.inputs());
    in.addAll(others);
    String kernel = carrier.kernel() + "+" + rider.kernel().substring(rider.kernel().lastIndexOf('.') + 1);
    int riders = carrier.binder() instanceof Joined joined ? joined.riders + 1 : 1;
    Kernel all = new Joined((EpilogueKernel) carrier.binder(), carrier.inputs().size(), binder, carried, riders);
    return new Step(kernel, carrier.path(), in, rider.output(), carrier.work(), carrier.inPlace(), carrier.onChange(), all);
  }

  private record Joined(EpilogueKernel carrier, int inputs, PointwiseKernel rider, int carried, int riders)
      implements EpilogueKernel {
    @Override
    public Task bind(List<Address> in, Address out, Epilogue tail) {
      Epilogue own = rider.tail(in.subList(inputs, in.size()), out, carried);
      return carrier.bind(in.subList(0, inputs), out, own.then(tail));
    }
  }
}

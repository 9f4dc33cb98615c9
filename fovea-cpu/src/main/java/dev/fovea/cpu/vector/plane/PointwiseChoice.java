package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PointwiseKernel;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jdk.incubator.vector.VectorOperators;

/**
 * Quotients, maxima, comparisons and choices: elementwise kernels each of whose operands may be a scalar constant of the graph.
 *
 * @param constants for each operand its value, if it is a constant; the others are the step's inputs
 */
public record PointwiseChoice(long size, List<Optional<Float>> constants, Loop loop) implements PointwiseKernel {

  /** An operand: {@code array[at + i * step]} is what element i reads; a constant has step 0. */
  private record Source(float[] array, int at, int step) {
    static Source of(float constant) {
      float[] lanes = new float[Lanes.COUNT];
      Arrays.fill(lanes, constant);
      return new Source(lanes, 0, 0);
    }

    /** The elements from {@code from} on, of which fewer than a vector are left. */
    Source last(int from, int count) {
      if (step == 0) {
        return this;
      }
      float[] lanes = new float[Lanes.COUNT];
      System.arraycopy(array, at + from, lanes, 0, count);
      return new Source(lanes, 0, 1);
    }
  }

  /** Computes {@code y[to..]}. */
  @FunctionalInterface
  public interface Loop {
    /** Runs it on a multiple of the vector length. */
    void run(Source a, Source b, Source c, float[] y, int to, int count);
  }

  @Override
  public boolean canFuse(int input) {
    return true;
  }

  @Override
  public Epilogue epilogue(List<Address> others, Address out, int fused) {
    List<Address> in = new ArrayList<>(others);
    in.add(fused, out);
    return (m, at, count) -> {
      Source[] sources = sources(m, in, at - out.offset());
      loop.run(sources[0], sources[1], sources[2], m.array(out.array()), at, count);
    };
  }

  @Override
  public Task bind(List<Address> in, Address out, Epilogue epilogue) {
    return Pointwise.units(size, (m, from, count) -> {
      Source[] sources = sources(m, in, from);
      float[] y = m.array(out.array());
      int to = out.offset() + from;
      int whole = count / Lanes.COUNT * Lanes.COUNT;
      loop.run(sources[0], sources[1], sources[2], y, to, whole);
      if (whole < count) {
        float[] last = new float[Lanes.COUNT];
        Source[] rest = Arrays.stream(sources).map(s -> s.last(whole, count - whole)).toArray(Source[]::new);
        loop.run(rest[0], rest[1], rest[2], last, 0, Lanes.COUNT);
        System.arraycopy(last, 0, y, to + whole, count - whole);
      }
      epilogue.run(m, to, Pointwise.roundedUp(count));
    });
  }

  /** The operands from element {@code from} on; of two operands the second occurs twice. */
  private Source[] sources(Memory m, List<Address> in, int from) {
    Source[] sources = new Source[3];
    int input = 0;
    for (int i = 0; i < constants.size(); i++) {
      Optional<Float> constant = constants.get(i);
      sources[i] = constant.isPresent()
          ? Source.of(constant.get())
          : new Source(m.array(in.get(input).array()), in.get(input++).offset() + from, 1);
    }
    sources[2] = constants.size() == 2 ? sources[1] : sources[2];
    return sources;
  }

  public static PointwiseChoice div(long size, List<Optional<Float>> constants) {
    return new PointwiseChoice(size, constants, (a, b, _, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        load(a.array, a.at + i * a.step).div(load(b.array, b.at + i * b.step)).intoArray(y, to + i);
      }
    });
  }

  public static PointwiseChoice max(long size, List<Optional<Float>> constants) {
    return new PointwiseChoice(size, constants, (a, b, _, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        load(a.array, a.at + i * a.step).max(load(b.array, b.at + i * b.step)).intoArray(y, to + i);
      }
    });
  }

  public static PointwiseChoice less(long size, List<Optional<Float>> constants) {
    return new PointwiseChoice(size, constants, (a, b, _, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        var less = load(a.array, a.at + i * a.step).compare(VectorOperators.LT, load(b.array, b.at + i * b.step));
        broadcast(0).blend(1, less).intoArray(y, to + i);
      }
    });
  }

  /** The operands are the condition, the element where it is not 0, and the element where it is. */
  public static PointwiseChoice where(long size, List<Optional<Float>> constants) {
    return new PointwiseChoice(size, constants, (condition, a, b, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        var isZero = load(condition.array, condition.at + i * condition.step).compare(VectorOperators.EQ, 0);
        load(a.array, a.at + i * a.step).blend(load(b.array, b.at + i * b.step), isZero).intoArray(y, to + i);
      }
    });
  }
}

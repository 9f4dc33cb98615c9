package dev.fovea.cpu.vector.plane;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PointwiseKernel;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.plane.OperandLoop.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An elementwise kernel each of whose operands may be a scalar constant of the graph.
 *
 * @param scalars for each operand its value, if it is a constant; the others are the step's inputs
 */
public record ScalarOperands(long size, List<Optional<Float>> scalars, OperandLoop loop) implements PointwiseKernel {
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
      loop.runExactly(sources[0], sources[1], sources[2], m.array(out.array()), out.offset() + from, count);
      epilogue.run(m, out.offset() + from, Pointwise.roundedUp(count));
    });
  }

  /** The operands from element {@code from} on; of two operands the second occurs twice. */
  private Source[] sources(Memory m, List<Address> in, int from) {
    Source[] sources = new Source[3];
    int input = 0;
    for (int i = 0; i < scalars.size(); i++) {
      Optional<Float> scalar = scalars.get(i);
      if (scalar.isPresent()) {
        sources[i] = Source.of(scalar.get());
      } else {
        Address address = in.get(input++);
        sources[i] = new Source(m.array(address.array()), address.offset() + from, 1);
      }
    }
    sources[2] = sources[scalars.size() - 1];
    return sources;
  }
}

package dev.fovea.cpu.kernel;

import java.util.List;

/** A kernel that can apply a {@link Epilogue} to all that it writes. */
@FunctionalInterface
public interface EpilogueKernel extends Kernel {
  Task bind(List<Address> in, Address out, Epilogue tail);

  @Override
  default Task bind(List<Address> in, Address out) {
    return bind(in, out, Epilogue.NONE);
  }
}

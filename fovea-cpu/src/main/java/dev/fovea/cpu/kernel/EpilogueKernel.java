package dev.fovea.cpu.kernel;

import java.util.List;

/** A kernel that takes an {@link Epilogue} and applies it to all of its output. */
@FunctionalInterface
public interface EpilogueKernel extends Kernel {
  Task bind(List<Address> in, Address out, Epilogue epilogue);

  @Override
  default Task bind(List<Address> in, Address out) {
    return bind(in, out, Epilogue.NONE);
  }
}

package dev.fovea.cpu.kernel;

import java.util.List;

/** A kernel that takes an {@link Epilogue}, which it applies to all that it writes. */
@FunctionalInterface
public interface EpilogueKernel extends Kernel {
  Task bind(List<Address> in, Address out, Epilogue epilogue);

  @Override
  default Task bind(List<Address> in, Address out) {
    return bind(in, out, Epilogue.NONE);
  }
}

package dev.fovea.cpu.kernel;

import java.util.List;

/** Makes a kernel when the places of its inputs and its output are known. */
@FunctionalInterface
public interface Kernel {
  Task bind(List<Address> in, Address out);
}

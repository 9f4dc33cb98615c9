package dev.fovea.cpu.kernel;

import java.util.List;

/** A kernel before it knows where its inputs and its output are in memory. */
@FunctionalInterface
public interface Kernel {
  Task bind(List<Address> in, Address out);
}

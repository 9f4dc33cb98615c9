package dev.fovea.cpu.kernel;

import java.util.List;

/** A kernel that is not yet bound to the addresses of its inputs and its output. */
@FunctionalInterface
public interface Kernel {
  Task bind(List<Address> in, Address out);
}

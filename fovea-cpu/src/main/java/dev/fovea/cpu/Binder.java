package dev.fovea.cpu;

import java.util.List;

/** Makes a kernel when the places of its inputs and its output are known. */
@FunctionalInterface
public interface Binder {
  Task bind(List<Place> in, Place out);
}

package dev.fovea.cpu;

import java.util.List;

/** A kernel that can apply a {@link Tail} to all that it writes. */
@FunctionalInterface
public interface Carrier extends Binder {
  Task bind(List<Place> in, Place out, Tail tail);

  @Override
  default Task bind(List<Place> in, Place out) {
    return bind(in, out, Tail.NONE);
  }
}

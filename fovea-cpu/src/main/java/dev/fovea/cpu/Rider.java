package dev.fovea.cpu;

import java.util.List;

/** A kernel that goes number by number, so that it may ride on the {@link Carrier} that makes one of its inputs. */
public interface Rider extends Carrier {
  /** Whether it may ride on the step that makes that input. */
  boolean rides(int input);

  /**
   * The kernel as a tail of the step that makes input {@code carried}, where the result will lie.
   *
   * @param others its other inputs
   */
  Tail tail(List<Place> others, Place out, int carried);
}

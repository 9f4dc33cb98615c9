package dev.fovea.cpu.kernel;

import java.util.List;

/** A kernel that goes number by number, so that it may ride on the {@link EpilogueKernel} that makes one of its inputs. */
public interface PointwiseKernel extends EpilogueKernel {
  /** Whether it may ride on the step that makes that input. */
  boolean rides(int input);

  /**
   * The kernel as a tail of the step that makes input {@code carried}, where the result will lie.
   *
   * @param others its other inputs
   */
  Epilogue tail(List<Address> others, Address out, int carried);
}

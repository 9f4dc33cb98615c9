package dev.fovea.cpu.kernel;

import java.util.List;

/** An elementwise kernel, which can be the epilogue of the {@link EpilogueKernel} that computes one of its inputs. */
public interface PointwiseKernel extends EpilogueKernel {
  /** Whether it can be the epilogue of the step that computes that input. */
  boolean canFuse(int input);

  /**
   * The kernel as an epilogue of the step that computes input {@code fused}; the result overwrites that input.
   *
   * @param others its other inputs
   */
  Epilogue epilogue(List<Address> others, Address out, int fused);
}

package dev.fovea.cpu.kernel;

import java.util.List;

/** A kernel that goes element by element, so that it can be the epilogue of the {@link EpilogueKernel} that makes one of its inputs. */
public interface PointwiseKernel extends EpilogueKernel {
  /** Whether it can be the epilogue of the step that makes that input. */
  boolean canFuse(int input);

  /**
   * The kernel as an epilogue of the step that makes input {@code fused}, in whose memory the result will be.
   *
   * @param others its other inputs
   */
  Epilogue epilogue(List<Address> others, Address out, int fused);
}

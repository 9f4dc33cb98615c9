package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.vector.microkernel.Tile16c;

/**
 * A copy of the input of some positions in which these are contiguous, a block of 16 values each, as {@link Tile16c} reads them.
 */
sealed interface Panel permits TapPanel, WindowPanel {
  /** The number of floats. */
  int size();

  /** The offset of each tap from a position of the panel, in summation order. */
  int[] offsets();
}

package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.vector.microkernel.Tile16c;

/** The numbers that some places read, copied so that the places lie side by side, a block each, as {@link Tile16c} wants them. */
sealed interface Panel permits TapPanel, WindowPanel {
  /** Floats. */
  int size();

  /** Where each tap lies behind a place of the panel, in the order of the sum. */
  int[] distances();
}

package dev.fovea.cpu.vector;

/** The numbers that some places read, copied so that the places lie side by side, a block each, as {@link ChannelTile} wants them. */
sealed interface ChannelPanel permits TapPanel, WindowPanel {
  /** Floats. */
  int size();

  /** Where each tap lies behind a place of the panel, in the order of the sum. */
  int[] distances();
}

package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.vector.microkernel.Tile16c;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Output positions of a convolution that read the same taps: these rows and columns of all images, computed a panel at a time.
 *
 * @param taps what they read, by the lane of a group's first channel
 * @param panelSize the number of positions of a panel
 * @param firstPanel the number of panels of the classes before
 */
record PositionClass(int[] rows, int[] columns, Access access, List<InputTaps> taps, int panelSize, int firstPanel) {
  static final DirectConv.Taps NO_TAPS = new DirectConv.Taps(new int[0], new int[0]);

  /** The number of positions of one image. */
  int positions() {
    return rows.length * columns.length;
  }

  /** Whether no panel extends over the end of an image. */
  boolean endsWithImage() {
    return access == Access.CONTIGUOUS || access == Access.WINDOW_PANEL;
  }

  /** Whether what a panel reads is copied. */
  boolean copied() {
    return access == Access.TAP_PANEL || access == Access.WINDOW_PANEL;
  }

  /**
   * The number of panels of an image if panels end with it. In place, the last panel has the remaining positions too; window
   * panels have equal shares of the rows.
   */
  int panelsPerImage() {
    return access == Access.WINDOW_PANEL ? Math.ceilDiv(positions(), panelSize) : Math.max(1, positions() / panelSize);
  }

  int panels(int images) {
    return endsWithImage() ? images * panelsPerImage() : Math.ceilDiv(images * positions(), panelSize);
  }

  /** The first position of a panel, counted over all images. */
  int firstPosition(int panel) {
    int k = panel - firstPanel;
    return switch (access) {
      case CONTIGUOUS -> k / panelsPerImage() * positions() + k % panelsPerImage() * panelSize;
      case WINDOW_PANEL ->
          k / panelsPerImage() * positions() + k % panelsPerImage() * rows.length / panelsPerImage() * columns.length;
      case STRIDED, TAP_PANEL -> k * panelSize;
    };
  }

  /** The number of positions of a panel. */
  int positionCount(int images, int panel) {
    return switch (access) {
      case CONTIGUOUS ->
          (panel - firstPanel + 1) % panelsPerImage() > 0 ? panelSize : positions() - (panelsPerImage() - 1) * panelSize;
      case WINDOW_PANEL -> firstPosition(panel + 1) - firstPosition(panel);
      case STRIDED, TAP_PANEL -> Math.min(panelSize, images * positions() - firstPosition(panel));
    };
  }

  /** How the input of a class's positions is accessed. */
  enum Access {
    /** Strided, in the image. */
    STRIDED,
    /** Contiguous, in the image; panels end with it. */
    CONTIGUOUS,
    /** Contiguous, in a copy: a {@link TapPanel}. */
    TAP_PANEL,
    /** Contiguous, in a copy with padding, so that all positions of an image are of one class: a {@link WindowPanel}. */
    WINDOW_PANEL
  }

  /** What positions read: the panel into which the input is copied, which is empty if it is not, and the taps. */
  record InputTaps(Panel panel, List<TapBlock> blocks) {
    static InputTaps of(DirectConv.Taps taps, Access access, int panelSize) {
      TapPanel panel = TapPanel.of(access == Access.TAP_PANEL ? taps : NO_TAPS, panelSize);
      return new InputTaps(panel,
          blocks(access == Access.TAP_PANEL ? panel.offsets() : taps.offsets(), taps.indices(), access));
    }

    static InputTaps of(WindowPanel panel) {
      int[] offsets = panel.offsets();
      return new InputTaps(panel, blocks(offsets, IntStream.range(0, offsets.length).toArray(), Access.WINDOW_PANEL));
    }

    private static List<TapBlock> blocks(int[] offsets, int[] weightRows, Access access) {
      List<TapBlock> blocks = new ArrayList<>();
      int from = 0;
      do {
        int to = Math.min(weightRows.length, from + Tile16c.CACHED_TAPS);
        DirectConv.Taps block = new DirectConv.Taps(offsets, weightRows).range(from, to);
        // for contiguous positions only the weights need to be contiguous
        int unrolled =
            (access == Access.WINDOW_PANEL ? new DirectConv.Taps(block.indices(), block.indices()) : block).contiguousFours();
        blocks.add(new TapBlock(block.offsets(), block.indices(), unrolled));
        from = to;
      } while (from < weightRows.length);
      return blocks;
    }
  }

  /**
   * A block of taps: all positions of a panel sum them before the next block, whose weights replace theirs in the cache.
   *
   * @param offsets the offset of each tap from a position
   * @param weightRows the row of each tap in the weights
   * @param unrolled the number of leading taps that {@link Tile16c} may unroll by four
   */
  record TapBlock(int[] offsets, int[] weightRows, int unrolled) {}
}

package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.vector.microkernel.Tile16c;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Places of a convolution's output that read alike: these rows and columns of all images, computed a panel at a time.
 *
 * @param reads what they read, by the lane of a group's first channel
 * @param panel how many of the places a unit has
 * @param firstPanel the panels of the classes before
 */
record PositionClass(int[] rows, int[] columns, Way way, List<Reads> reads, int panel, int firstPanel) {
  static final DirectConv.Taps NOTHING = new DirectConv.Taps(new int[0], new int[0]);

  int positions() {
    return rows.length * columns.length;
  }

  /** Whether panels end with an image, behind whose last place lies something else. */
  boolean endsWithImage() {
    return way == Way.DIRECT || way == Way.WINDOWS;
  }

  /** Whether what a panel reads is copied. */
  boolean copied() {
    return way == Way.TAPS || way == Way.WINDOWS;
  }

  /** How many panels an image has where they end with it: directly the last has what is left, windows share the rows equally. */
  int perImage() {
    return way == Way.WINDOWS ? Math.ceilDiv(positions(), panel) : Math.max(1, positions() / panel);
  }

  int panels(int images) {
    return endsWithImage() ? images * perImage() : Math.ceilDiv(images * positions(), panel);
  }

  int first(int panelOfAll) {
    int k = panelOfAll - firstPanel;
    return switch (way) {
      case DIRECT -> k / perImage() * positions() + k % perImage() * panel;
      case WINDOWS -> k / perImage() * positions() + k % perImage() * rows.length / perImage() * columns.length;
      case APART, TAPS -> k * panel;
    };
  }

  int count(int images, int panelOfAll) {
    return switch (way) {
      case DIRECT -> (panelOfAll - firstPanel + 1) % perImage() > 0 ? panel : positions() - (perImage() - 1) * panel;
      case WINDOWS -> first(panelOfAll + 1) - first(panelOfAll);
      case APART, TAPS -> Math.min(panel, images * positions() - first(panelOfAll));
    };
  }

  /** How a class's places are read. */
  enum Way {
    /** Wherever they lie. */
    APART,
    /** Side by side, as they lie in a map; the panels end with it. */
    DIRECT,
    /** Side by side, in a {@link TapPanel}. */
    TAPS,
    /** Side by side, in a {@link WindowPanel}: all places of an image read alike. */
    WINDOWS
  }

  /** What places read: the copy's plan, which is empty where there is no copy, and the taps. */
  record Reads(Panel copy, List<Part> parts) {
    static Reads of(DirectConv.Taps taps, Way way, int panel) {
      TapPanel copy = TapPanel.of(way == Way.TAPS ? taps : NOTHING, panel);
      return new Reads(copy, parts(way == Way.TAPS ? copy.distances() : taps.offsets(), taps.indices(), way));
    }

    static Reads of(WindowPanel panel) {
      int[] distances = panel.distances();
      return new Reads(panel, parts(distances, IntStream.range(0, distances.length).toArray(), Way.WINDOWS));
    }

    private static List<Part> parts(int[] distances, int[] numbers, Way way) {
      List<Part> parts = new ArrayList<>();
      int from = 0;
      do {
        int to = Math.min(numbers.length, from + Tile16c.TAPS);
        DirectConv.Taps part = new DirectConv.Taps(distances, numbers).range(from, to);
        // side by side only the weights need follow each other
        int fours = (way == Way.WINDOWS ? new DirectConv.Taps(part.indices(), part.indices()) : part).contiguousFours();
        parts.add(new Part(part.offsets(), part.indices(), fours));
        from = to;
      } while (from < numbers.length);
      return parts;
    }
  }

  /**
   * Some taps: all places of a call add them up before the next ones, whose weights take their place in the cache.
   *
   * @param distances where each lies in the panel
   * @param fours how many of the first come in fours, by the same
   */
  record Part(int[] distances, int[] numbers, int fours) {}
}

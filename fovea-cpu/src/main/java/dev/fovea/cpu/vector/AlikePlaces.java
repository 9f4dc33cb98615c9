package dev.fovea.cpu.vector;

import dev.fovea.cpu.Gather;
import java.util.ArrayList;
import java.util.List;

/**
 * Places of a convolution's output that read alike: these rows and columns of all images, computed a panel at a time.
 *
 * @param reads what they read, by the lane of a group's first channel
 * @param panel how many of the places a unit has
 * @param firstPanel the panels of the classes before
 */
record AlikePlaces(int[] rows, int[] columns, Way way, List<Reads> reads, int panel, int firstPanel) {
  static final Gather.Taps NOTHING = new Gather.Taps(new int[0], new int[0]);

  int places() {
    return rows.length * columns.length;
  }

  /** How many panels an image has where they end with it; the last has what is left. */
  int perImage() {
    return Math.max(1, places() / panel);
  }

  int panels(int images) {
    return way == Way.DIRECT ? images * perImage() : Math.ceilDiv(images * places(), panel);
  }

  int first(int panelOfAll) {
    int k = panelOfAll - firstPanel;
    return way == Way.DIRECT ? k / perImage() * places() + k % perImage() * panel : k * panel;
  }

  int count(int images, int panelOfAll) {
    if (way == Way.DIRECT) {
      return (panelOfAll - firstPanel + 1) % perImage() > 0 ? panel : places() - (perImage() - 1) * panel;
    }
    return Math.min(panel, images * places() - first(panelOfAll));
  }

  /** How a class's places are read. */
  enum Way {
    /** Wherever they lie. */
    APART,
    /** Side by side, as they lie in a map; the panels end with it. */
    DIRECT,
    /** Side by side, in a copy of what a panel reads. */
    COPIED
  }

  /** What places read: the copy's plan, which is empty where there is no copy, and the taps. */
  record Reads(ChannelPanel copy, List<Part> parts) {
    static Reads of(Gather.Taps taps, Way way, int panel) {
      ChannelPanel copy = ChannelPanel.of(way == Way.COPIED ? taps : NOTHING, panel);
      Gather.Taps all = way == Way.COPIED ? new Gather.Taps(copy.distances(), taps.numbers()) : taps;
      List<Part> parts = new ArrayList<>();
      int from = 0;
      do {
        Gather.Taps part = all.part(from, Math.min(taps.numbers().length, from + ChannelTile.TAPS));
        parts.add(new Part(part.distances(), part.numbers(), part.inFours()));
        from += ChannelTile.TAPS;
      } while (from < taps.numbers().length);
      return new Reads(copy, parts);
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

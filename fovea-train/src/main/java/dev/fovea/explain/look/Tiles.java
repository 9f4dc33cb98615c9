package dev.fovea.explain.look;

import dev.fovea.image.Image;
import java.util.Arrays;
import java.util.List;

/** Images of one size in a square of rows and columns, with a gap between them. */
final class Tiles {
  private static final int GAP = 2;

  private Tiles() {}

  /**
   * In rows of that many.
   *
   * @param side small images are enlarged by a whole number up to it, larger ones shrunk to it
   */
  static Image of(List<Image> images, int columns, int side) {
    List<Image> tiles = images.stream().map(image -> sized(image.rgb(), side)).toList();
    int width = tiles.getFirst().width();
    int height = tiles.getFirst().height();
    int rows = Math.ceilDiv(tiles.size(), columns);
    int sheetWidth = Math.min(columns, tiles.size()) * (width + GAP) - GAP;
    byte[] pixels = new byte[3 * sheetWidth * (rows * (height + GAP) - GAP)];
    Arrays.fill(pixels, (byte) 0x90);
    for (int i = 0; i < tiles.size(); i++) {
      int left = i % columns * (width + GAP);
      int top = i / columns * (height + GAP);
      for (int y = 0; y < height; y++) {
        System.arraycopy(tiles.get(i).pixels(), 3 * y * width, pixels, 3 * ((top + y) * sheetWidth + left), 3 * width);
      }
    }
    return new Image(sheetWidth, pixels.length / 3 / sheetWidth, 3, pixels);
  }

  private static Image sized(Image image, int side) {
    int longer = Math.max(image.width(), image.height());
    if (longer > side) {
      return image.resize(Math.max(1, image.width() * side / longer), Math.max(1, image.height() * side / longer));
    }
    int zoom = side / longer;
    byte[] pixels = new byte[image.pixels().length * zoom * zoom];
    int width = image.width() * zoom;
    for (int i = 0; i < width * image.height() * zoom; i++) {
      System.arraycopy(image.pixels(), 3 * (i / width / zoom * image.width() + i % width / zoom), pixels, 3 * i, 3);
    }
    return new Image(width, image.height() * zoom, 3, pixels);
  }
}

package dev.fovea.cli.console;

import dev.fovea.image.Image;
import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.List;

/** Images of one size in rows and columns on white, the first column set off from the others. */
public final class ContactSheet {
  private static final int GAP = 4;

  /** Smaller images are enlarged by a whole number, so that their pixels can be seen. */
  private static final int SMALL = 64;

  /** The number of pixels up to which images are read. */
  private static final long MAX_PIXELS = 100_000_000;

  private ContactSheet() {}

  /** Refuses a sheet that would be too large for an image. */
  public static void check(int rows, int columns, int width, int height) {
    if ((double) sheetWidth(columns, width, height) * sheetHeight(rows, width, height) > MAX_PIXELS) {
      throw new FoveaException("a sheet of " + rows + " rows and " + columns + " columns of " + width + "x" + height
          + " has more than " + MAX_PIXELS + " pixels: ask for fewer");
    }
  }

  private static int zoom(int width, int height) {
    return Math.max(1, SMALL / Math.max(width, height));
  }

  private static long sheetWidth(int columns, int width, int height) {
    return (long) columns * (width * zoom(width, height) + GAP) + 3 * GAP;
  }

  private static long sheetHeight(int rows, int width, int height) {
    return (long) rows * (height * zoom(width, height) + GAP) + GAP;
  }

  public static Image of(List<? extends List<Image>> rows) {
    Image first = rows.getFirst().getFirst();
    int columns = rows.getFirst().size();
    check(rows.size(), columns, first.width(), first.height());
    int zoom = zoom(first.width(), first.height());
    int width = (int) sheetWidth(columns, first.width(), first.height());
    int height = (int) sheetHeight(rows.size(), first.width(), first.height());
    byte[] pixels = new byte[3 * width * height];
    Arrays.fill(pixels, (byte) -1);
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns; column++) {
        int x = GAP + column * (first.width() * zoom + GAP) + (column > 0 ? GAP : 0);
        int y = GAP + row * (first.height() * zoom + GAP);
        draw(rows.get(row).get(column).rgb(), zoom, pixels, (width * y + x) * 3, width * 3);
      }
    }
    return new Image(width, height, 3, pixels);
  }

  private static void draw(Image image, int zoom, byte[] to, int offset, int stride) {
    for (int y = 0; y < image.height() * zoom; y++) {
      for (int x = 0; x < image.width() * zoom; x++) {
        int from = (y / zoom * image.width() + x / zoom) * 3;
        System.arraycopy(image.pixels(), from, to, offset + y * stride + x * 3, 3);
      }
    }
  }
}

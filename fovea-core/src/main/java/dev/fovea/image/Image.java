package dev.fovea.image;

import dev.fovea.format.AtomicFile;
import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An image with 8 bits per sample, grey (1 channel) or RGB (3 channels). Sample {@code c} of pixel {@code (x, y)} is
 * {@code pixels[(y * width + x) * channels + c]}, unsigned: row by row, channels interleaved (HWC).
 *
 * <p>The array is neither copied on the way in nor on the way out, so whoever writes to it changes the image.
 *
 * @param width in pixels, 1 or more
 * @param height in pixels, 1 or more
 * @param channels 1 or 3
 * @param pixels {@code width * height * channels} samples
 */
@SuppressWarnings("ArrayRecordComponent") // the samples are what it is
public record Image(int width, int height, int channels, byte[] pixels) {
  public Image {
    if (width < 1 || height < 1 || (channels != 1 && channels != 3)) {
      throw new FoveaException(
          "an image is at least 1x1 with 1 (grey) or 3 (RGB) channels, got " + width + "x" + height + "x" + channels);
    }
    if (pixels.length != (long) width * height * channels) {
      throw new FoveaException(
          "an image of " + width + "x" + height + "x" + channels + " has " + (long) width * height * channels
              + " samples, got " + pixels.length);
    }
  }

  /**
   * Reads a PNG, JPEG, GIF or BMP file. What it is is told by its first bytes, not by its name.
   *
   * <ul>
   *   <li>A grey file gives 1 channel, as does one whose palette is all grey; any other gives 3.
   *   <li>Stored values are taken as they are: no colour profile or gamma is applied. Of 16 bits the upper 8 are kept.
   *   <li>What is transparent, wholly or in part, lies on white; on black where what is drawn is so light that it would vanish on
   *       white, as white ink would.
   *   <li>Of an animation the first frame counts, without the screen around it.
   *   <li>A JPEG or PNG is turned upright by its EXIF orientation.
   *   <li>A JPEG without an end marker is whole if its data are.
   * </ul>
   *
   * @throws FoveaException in one line that names the file: missing, empty, a directory, cut short, damaged, of a format not read
   *     here, or larger than 100 megapixels or half the heap, which is known before memory is taken
   */
  public static Image read(Path file) {
    return ImageFile.read(file);
  }

  /** By which EXIF orientation, 2 to 8, {@link #read(Path)} turns the file's image upright; 1 where it does not. */
  public static int orientation(Path file) {
    return ImageFile.orientation(file);
  }

  /** As {@link #read(Path)}, of a file's bytes; {@code name} is what an error calls it. */
  public static Image read(byte[] file, String name) {
    return ImageFile.read(file, name);
  }

  /**
   * A copy, with the stored values as they are where the colour model is a palette, grey or RGB of 16 or fewer bits per sample;
   * any other (CMYK, premultiplied alpha, float) is converted to sRGB by the JDK. Transparent pixels lie on a ground as in
   * {@link #read(Path)}.
   */
  public static Image of(BufferedImage image) {
    return Rasters.image(image);
  }

  /** A copy of type {@link BufferedImage#TYPE_BYTE_GRAY} or {@link BufferedImage#TYPE_3BYTE_BGR}. */
  public BufferedImage toBufferedImage() {
    return Rasters.buffered(this);
  }

  /** Sample {@code channel} of the pixel in column {@code x} and row {@code y}, 0 to 255. */
  public int at(int x, int y, int channel) {
    if (x < 0 || x >= width || y < 0 || y >= height || channel < 0 || channel >= channels) {
      throw new FoveaException("no sample (" + x + ", " + y + ", " + channel + ") in an image of " + this);
    }
    return pixels[(y * width + x) * channels + channel] & 0xff;
  }

  /** This image with 1 channel: luma (299 R + 587 G + 114 B) / 1000 of ITU-R BT.601, in 16-bit fixed point, rounded. */
  public Image grey() {
    if (channels == 1) {
      return this;
    }
    byte[] grey = new byte[width * height];
    for (int i = 0, from = 0; i < grey.length; i++, from += 3) {
      int luma =
          (pixels[from] & 0xff) * 19595 + (pixels[from + 1] & 0xff) * 38470 + (pixels[from + 2] & 0xff) * 7471 + 0x8000;
      grey[i] = (byte) (luma >> 16);
    }
    return new Image(width, height, 1, grey);
  }

  /** This image with 3 channels; a grey one has each value three times. */
  public Image rgb() {
    if (channels == 3) {
      return this;
    }
    byte[] rgb = new byte[ImageFile.samples(width, height, 3)];
    for (int i = 0, to = 0; i < pixels.length; i++, to += 3) {
      rgb[to] = pixels[i];
      rgb[to + 1] = pixels[i];
      rgb[to + 2] = pixels[i];
    }
    return new Image(width, height, 3, rgb);
  }

  /** This image with 1 or 3 channels, as {@link #grey()} or {@link #rgb()}. */
  public Image channels(int wanted) {
    return switch (wanted) {
      case 1 -> grey();
      case 3 -> rgb();
      default -> throw new FoveaException("an image has 1 (grey) or 3 (RGB) channels, not " + wanted);
    };
  }

  /**
   * This image at another size, bilinear with antialiasing: a triangle filter that is as wide as one output pixel where the
   * image shrinks, in 22-bit fixed point, columns first, as in the Pillow library, to the same values.
   */
  public Image resize(int width, int height) {
    return Resize.of(this, width, height);
  }

  /** The part of {@code width} by {@code height} pixels whose upper left corner is {@code (x, y)}; it must lie inside. */
  public Image crop(int x, int y, int width, int height) {
    if (x < 0 || y < 0 || width < 1 || height < 1 || x > this.width - width || y > this.height - height) {
      throw new FoveaException("a crop of " + width + "x" + height + " at (" + x + ", " + y + ") leaves an image of " + this);
    }
    byte[] part = new byte[width * height * channels];
    for (int row = 0; row < height; row++) {
      System.arraycopy(
          pixels, ((y + row) * this.width + x) * channels, part, row * width * channels, width * channels);
    }
    return new Image(width, height, channels, part);
  }

  /** This image as a PNG file, 8 bits, grey or RGB. */
  public byte[] png() {
    return ImageFile.png(this);
  }

  /** Writes {@link #png()}; a failure leaves what was there before. */
  public void write(Path png) {
    AtomicFile.write(png, png());
  }

  /** Equal size, channels and samples. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Image image
        && width == image.width
        && height == image.height
        && channels == image.channels
        && Arrays.equals(pixels, image.pixels);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * (31 * width + height) + channels) + Arrays.hashCode(pixels);
  }

  /** The size: {@code 640x480x3}. */
  @Override
  public String toString() {
    return width + "x" + height + "x" + channels;
  }
}

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
 * <p>The array is not copied, neither by the constructor nor by the accessor, so a write to it changes the image.
 *
 * @param width in pixels, 1 or more
 * @param height in pixels, 1 or more
 * @param channels 1 or 3
 * @param pixels {@code width * height * channels} samples
 */
@SuppressWarnings("ArrayRecordComponent") // the samples are its content
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
   * Reads a PNG, JPEG, GIF or BMP file, with the artifact fovea-images also a TIFF or WebP file. The format is detected from the first
   * bytes, not from the name.
   *
   * <ul>
   *   <li>A grey file, or one with an all-grey palette, has 1 channel; any other has 3.
   *   <li>Stored values are not converted: no colour profile or gamma is applied. Of 16 bits the upper 8 are kept. CMYK becomes RGB,
   *       R = (255 - C) (255 - K) / 255.
   *   <li>Transparent pixels are composited over white, or over black if the drawing is so light that it would vanish on
   *       white.
   *   <li>Of an animation the first frame is read, without the surrounding screen; of several pages the first.
   *   <li>A JPEG, PNG, TIFF or WebP is rotated by its EXIF orientation.
   *   <li>A JPEG without an end marker is accepted if its data are complete.
   * </ul>
   *
   * @throws FoveaException in one line that names the file if it is missing, empty, a folder, truncated, damaged, of an
   *     unsupported format, or larger than 100 megapixels or half the heap, which is checked before memory is allocated
   */
  public static Image read(Path file) {
    return ImageFile.read(file);
  }

  /** The EXIF orientation, 2 to 8, by which {@link #read(Path)} rotates the file's image; 1 if it does not. */
  public static int orientation(Path file) {
    return ImageFile.orientation(file);
  }

  /** As {@link #read(Path)}, from a file's bytes; {@code name} is the file's name in error messages. */
  public static Image read(byte[] file, String name) {
    return ImageFile.read(file, name);
  }

  /**
   * A copy. Stored values are not converted if the colour model is a palette, grey or RGB of 16 or fewer bits per sample;
   * CMYK is converted as in {@link #read(Path)}, any other (premultiplied alpha, float) to sRGB by the JDK. Transparent pixels are composited as in
   * {@link #read(Path)}.
   */
  public static Image of(BufferedImage image) {
    return BufferedImages.image(image);
  }

  /** A copy of type {@link BufferedImage#TYPE_BYTE_GRAY} or {@link BufferedImage#TYPE_3BYTE_BGR}. */
  public BufferedImage toBufferedImage() {
    return BufferedImages.buffered(this);
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

  /** This image with 3 channels; a grey image has each value repeated three times. */
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
  public Image channels(int count) {
    return switch (count) {
      case 1 -> grey();
      case 3 -> rgb();
      default -> throw new FoveaException("an image has 1 (grey) or 3 (RGB) channels, not " + count);
    };
  }

  /**
   * This image at another size, bilinear with antialiasing: a triangle filter whose radius is one output pixel for
   * downsampling, in 22-bit fixed point, columns first; the values equal those of the Pillow library.
   */
  public Image resize(int width, int height) {
    return resize(width, height, Interpolation.BILINEAR);
  }

  /** As {@link #resize(int, int)}, with that filter; to resize a part of an image, {@linkplain #crop crop} it before. */
  public Image resize(int width, int height, Interpolation filter) {
    return Resize.of(this, width, height, filter);
  }

  /** The part of {@code width} by {@code height} pixels whose upper left corner is {@code (x, y)}; it must be inside the image. */
  public Image crop(int x, int y, int width, int height) {
    if (x < 0 || y < 0 || width < 1 || height < 1 || x > this.width - width || y > this.height - height) {
      throw new FoveaException("a crop of " + width + "x" + height + " at (" + x + ", " + y + ") exceeds an image of " + this);
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

  /** Writes {@link #png()}; on a failure the previous file is kept. */
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

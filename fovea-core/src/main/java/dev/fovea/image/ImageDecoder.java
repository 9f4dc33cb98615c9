package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;

/**
 * Decodes a format of image files that core does not read itself, found by ServiceLoader ({@link ImageDecoders}). It parses; limits and
 * messages are those of all formats: {@link Image#read} takes the header first, refuses by it an image that is too large, and turns any
 * exception into one line that names the file.
 */
public interface ImageDecoder {
  /** The format's name, as {@link FileKind} has it, such as {@code WEBP}. */
  String format();

  /** How its files' names end, in lower case, such as {@code webp}. */
  List<String> suffixes();

  /**
   * Reads the header of a file, without taking memory in proportion to what it declares.
   *
   * @throws FoveaException if the file is of a kind that is not supported: which and what to do instead, without the file's name
   * @throws IOException if it is damaged; an {@link java.io.EOFException} if it ends early
   */
  Header header(byte[] file) throws IOException;

  /**
   * Decodes the first image of a file whose header has been accepted. Data that are missing are an error, not a grey area.
   *
   * @return the stored samples: grey, RGB, palette or CMYK of at most 16 bits, also with alpha; neither rotated nor composited
   */
  BufferedImage decode(byte[] file) throws IOException;

  /**
   * What is known before anything is decoded.
   *
   * @param width in pixels
   * @param height in pixels
   * @param bytesPerPixel the memory that decoding takes, without the resulting {@link Image}
   * @param maxPixelsPerByte an upper bound on the pixels that one byte of the file encodes
   * @param exifFrom the offset of the directory (a TIFF block) with the EXIF orientation
   * @param exifTo its end; equal to {@code exifFrom} if there is none
   */
  record Header(int width, int height, int bytesPerPixel, int maxPixelsPerByte, int exifFrom, int exifTo) {}
}

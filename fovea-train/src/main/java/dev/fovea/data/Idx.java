package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.tensor.FoveaException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file of unsigned bytes in the IDX format of MNIST (LeCun, Cortes, Burges: The MNIST database of handwritten digits): a magic
 * number 0x0000080r with r the number of axes, r big-endian sizes, then the bytes. Plain or gzipped, detected by the first bytes.
 */
public final class Idx {
  private static final int MAGIC = 0x800;

  private static final int GZIP = 0x1f8b;

  /** The maximum compression ratio of Deflate is about 1032, so a header that claims more is invalid. */
  private static final long MAX_COMPRESSION = 1032;

  /** The maximum height and width of an image; products of sizes then fit into a long. */
  private static final int MAX_SIDE = 1 << 15;

  private final List<Integer> sizes;
  private final byte[] bytes;

  private Idx(List<Integer> sizes, byte[] bytes) {
    this.sizes = sizes;
    this.bytes = bytes;
  }

  /** Reads images: three axes, count x rows x columns. */
  public static Idx images(Path file) {
    return read(file, 3, "images");
  }

  /** Reads labels: one axis. */
  public static Idx labels(Path file) {
    return read(file, 1, "labels");
  }

  /** The sizes of the axes, the count first. */
  public List<Integer> sizes() {
    return sizes;
  }

  /** The number of images or labels. */
  public int count() {
    return sizes.getFirst();
  }

  /** The bytes after the header, not a copy. */
  byte[] bytes() {
    return bytes;
  }

  private static Idx read(Path file, int rank, String what) {
    try {
      long length = Files.size(file);
      boolean packed = isGzip(file);
      try (InputStream raw = Files.newInputStream(file);
          InputStream in = packed ? new GZIPInputStream(raw, 1 << 16) : new BufferedInputStream(raw, 1 << 16)) {
        List<Integer> sizes = sizes(file, header(file, in, rank, what, packed), rank);
        long total = sizes.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
        checkLength(file, sizes, total, packed ? Long.MAX_VALUE : length - headerLength(rank),
            packed ? length * MAX_COMPRESSION : length);
        byte[] bytes = body(file, in, sizes, (int) total, length);
        if (in.read() >= 0) {
          throw sizeMismatch(file, sizes, total, "more than that");
        }
        return new Idx(sizes, bytes);
      }
    } catch (EOFException e) {
      throw new FoveaException(FileNames.text(file) + ": the gzip data ends early, the file is truncated; download it again", e);
    } catch (ZipException e) {
      throw new FoveaException(
          FileNames.text(file) + ": the gzip data is damaged (" + FileNames.reason(e) + "); download it again", e);
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
  }

  private static boolean isGzip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return (in.read() << 8 | in.read()) == GZIP;
    }
  }

  private static int headerLength(int rank) {
    return 4 * (1 + rank);
  }

  /** The header after its magic number, which is checked first, since it identifies other kinds of files best. */
  private static ByteBuffer header(Path file, InputStream in, int rank, String what, boolean packed) throws IOException {
    byte[] header = in.readNBytes(headerLength(rank));
    int magic = header.length < 4 ? MAGIC + rank : ByteBuffer.wrap(header).getInt();
    if (packed && magic >>> 16 == GZIP) {
      throw new FoveaException(FileNames.text(file) + ": is gzipped twice; unpack it once, as gunzip does");
    }
    if (magic != MAGIC + rank) {
      throw new FoveaException(String.format(Locale.ROOT, "%s: expected an IDX file of %s (magic 0x%08x), got the magic 0x%08x%s",
          FileNames.text(file), what, MAGIC + rank, magic, hint(magic, rank)));
    }
    if (header.length < headerLength(rank)) {
      throw new FoveaException(FileNames.text(file) + ": expected an IDX header of " + headerLength(rank)
          + " bytes, the file holds " + header.length + "; download it again");
    }
    return ByteBuffer.wrap(header).position(4);
  }

  private static List<Integer> sizes(Path file, ByteBuffer header, int rank) {
    Integer[] sizes = new Integer[rank];
    for (int axis = 0; axis < rank; axis++) {
      int size = header.getInt();
      if (size < 1 || (axis > 0 && size > MAX_SIDE)) {
        throw new FoveaException(String.format(Locale.ROOT, "%s: the header gives axis %d the size %d; expected 1 or more%s",
            FileNames.text(file), axis, Integer.toUnsignedLong(size), axis > 0 ? ", at most " + MAX_SIDE : ""));
      }
      sizes[axis] = size;
    }
    return List.of(sizes);
  }

  private static String hint(int magic, int rank) {
    if (magic == MAGIC + 1 && rank == 3) {
      return "; these are labels, are two files swapped?";
    }
    if (magic == MAGIC + 3 && rank == 1) {
      return "; these are images, are two files swapped?";
    }
    return "; is it another kind of file?";
  }

  /** {@code exact} is the length of a plain file; for a gzipped file only the upper bound {@code max} is known. */
  private static void checkLength(Path file, List<Integer> sizes, long total, long exact, long max) {
    if (exact != Long.MAX_VALUE && total != exact) {
      throw sizeMismatch(file, sizes, total, String.format(Locale.ROOT, "%,d", exact));
    }
    if (total > max) {
      throw sizeMismatch(file, sizes, total, String.format(Locale.ROOT, "at most %,d", max));
    }
    long heap = Runtime.getRuntime().maxMemory();
    if (total > Math.min(Integer.MAX_VALUE - 16, heap / 4 * 3)) {
      throw new FoveaException(String.format(Locale.ROOT,
          "%s: %s are %,d bytes, too many for a memory of %,d; raise it with -Xmx, "
              + "at most 2 GiB fit in one file",
          FileNames.text(file), describe(sizes), total, heap));
    }
  }

  /** Allocates memory for what is unpacked, not for what the header claims: the array starts at a typical size and doubles. */
  private static byte[] body(Path file, InputStream in, List<Integer> sizes, int total, long length) throws IOException {
    byte[] bytes = new byte[(int) Math.min(total, 16 * length + 4096)];
    int read = 0;
    while (true) {
      read += in.readNBytes(bytes, read, bytes.length - read);
      if (read == total) {
        return bytes;
      }
      if (read < bytes.length) {
        throw sizeMismatch(file, sizes, total, String.format(Locale.ROOT, "%,d", read));
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(total, 2L * bytes.length));
    }
  }

  private static FoveaException sizeMismatch(Path file, List<Integer> sizes, long expected, String actual) {
    return new FoveaException(
        String.format(Locale.ROOT, "%s: the header gives %s, %,d bytes, the file holds %s; download it again",
            FileNames.text(file), describe(sizes), expected, actual));
  }

  private static String describe(List<Integer> sizes) {
    return sizes.size() == 1 ? sizes.getFirst() + " labels" : sizes.get(0) + " images of " + sizes.get(1) + "x" + sizes.get(2);
  }
}

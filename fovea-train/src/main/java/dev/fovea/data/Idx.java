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
 * number 0x0000080r with r the number of axes, r big-endian sizes, then the bytes. Plain or gzipped, which its first bytes tell.
 */
public final class Idx {
  private static final int MAGIC = 0x800;

  private static final int GZIP = 0x1f8b;

  /** Deflate cannot pack a run of bytes tighter than about 1032 to 1, so a header that promises more is lying. */
  private static final long TIGHTEST = 1032;

  /** Beyond this no image is meant, and sizes multiplied stay inside a long. */
  private static final int LARGEST_SIDE = 1 << 15;

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

  /** The bytes behind the header, not a copy. */
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
            packed ? length * TIGHTEST : length);
        byte[] bytes = body(file, in, sizes, (int) total, length);
        if (in.read() >= 0) {
          throw disagrees(file, sizes, total, "more than that");
        }
        return new Idx(sizes, bytes);
      }
    } catch (EOFException e) {
      throw new FoveaException(FileNames.text(file) + ": the gzip data ends early, the file is cut off; get it again", e);
    } catch (ZipException e) {
      throw new FoveaException(
          FileNames.text(file) + ": the gzip data is damaged (" + FileNames.reason(e) + "); get the file again", e);
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

  /** The header behind its magic number, which is looked at first: it says best what a wrong file is. */
  private static ByteBuffer header(Path file, InputStream in, int rank, String what, boolean packed) throws IOException {
    byte[] header = in.readNBytes(headerLength(rank));
    int magic = header.length < 4 ? MAGIC + rank : ByteBuffer.wrap(header).getInt();
    if (packed && magic >>> 16 == GZIP) {
      throw new FoveaException(FileNames.text(file) + ": is gzipped twice; unpack it once, as gunzip does");
    }
    if (magic != MAGIC + rank) {
      throw new FoveaException(String.format(Locale.ROOT, "%s: expected an IDX file of %s (magic 0x%08x), got the magic 0x%08x%s",
          FileNames.text(file), what, MAGIC + rank, magic, mend(magic, rank)));
    }
    if (header.length < headerLength(rank)) {
      throw new FoveaException(FileNames.text(file) + ": expected an IDX header of " + headerLength(rank)
          + " bytes, the file holds " + header.length + "; get it again");
    }
    return ByteBuffer.wrap(header).position(4);
  }

  private static List<Integer> sizes(Path file, ByteBuffer header, int rank) {
    Integer[] sizes = new Integer[rank];
    for (int axis = 0; axis < rank; axis++) {
      int size = header.getInt();
      if (size < 1 || (axis > 0 && size > LARGEST_SIDE)) {
        throw new FoveaException(String.format(Locale.ROOT, "%s: the header gives axis %d the size %d; expected 1 or more%s",
            FileNames.text(file), axis, Integer.toUnsignedLong(size), axis > 0 ? ", at most " + LARGEST_SIDE : ""));
      }
      sizes[axis] = size;
    }
    return List.of(sizes);
  }

  private static String mend(int magic, int rank) {
    if (magic == MAGIC + 1 && rank == 3) {
      return "; these are labels, are two files swapped?";
    }
    if (magic == MAGIC + 3 && rank == 1) {
      return "; these are images, are two files swapped?";
    }
    return "; is it another kind of file?";
  }

  /** {@code exact} is what a plain file holds; a gzipped one can only be told that it holds less than {@code most}. */
  private static void checkLength(Path file, List<Integer> sizes, long total, long exact, long most) {
    if (exact != Long.MAX_VALUE && total != exact) {
      throw disagrees(file, sizes, total, String.format(Locale.ROOT, "%,d", exact));
    }
    if (total > most) {
      throw disagrees(file, sizes, total, String.format(Locale.ROOT, "at most %,d", most));
    }
    long heap = Runtime.getRuntime().maxMemory();
    if (total > Math.min(Integer.MAX_VALUE - 16, heap / 4 * 3)) {
      throw new FoveaException(String.format(Locale.ROOT,
          "%s: %s are %,d bytes, too many for a memory of %,d; raise it with -Xmx, "
              + "at most 2 GiB fit in one file",
          FileNames.text(file), promise(sizes), total, heap));
    }
  }

  /** Memory follows what was really unpacked: the array starts at what such a file usually holds and doubles. */
  private static byte[] body(Path file, InputStream in, List<Integer> sizes, int total, long length) throws IOException {
    byte[] bytes = new byte[(int) Math.min(total, 16 * length + 4096)];
    int read = 0;
    while (true) {
      read += in.readNBytes(bytes, read, bytes.length - read);
      if (read == total) {
        return bytes;
      }
      if (read < bytes.length) {
        throw disagrees(file, sizes, total, String.format(Locale.ROOT, "%,d", read));
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(total, 2L * bytes.length));
    }
  }

  private static FoveaException disagrees(Path file, List<Integer> sizes, long promised, String there) {
    return new FoveaException(String.format(Locale.ROOT, "%s: the header promises %s, %,d bytes, the file holds %s; get it again",
        FileNames.text(file), promise(sizes), promised, there));
  }

  private static String promise(List<Integer> sizes) {
    return sizes.size() == 1 ? sizes.getFirst() + " labels" : sizes.get(0) + " images of " + sizes.get(1) + "x" + sizes.get(2);
  }
}

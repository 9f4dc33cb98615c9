package dev.fovea.data.download;

import java.util.List;

/**
 * A public file.
 *
 * @param file its name at its source
 * @param bytes its length, or about that; 0 if it is not known
 * @param hash SHA-256 in hexadecimal, or its first digits, eight or more
 * @param hashed what is hashed
 */
public record RemoteFile(String file, long bytes, String hash, Hashed hashed) {
  /** A gzipped file holds the time of packing, so if repacked copies are in use, the unpacked content is hashed. */
  enum Hashed {
    FILE,
    UNPACKED
  }

  public static final List<RemoteFile> MNIST = List.of(
      unpacked("train-images-idx3-ubyte.gz", 9_912_422, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
      unpacked("train-labels-idx1-ubyte.gz", 28_881, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
      unpacked("t10k-images-idx3-ubyte.gz", 1_648_877, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
      unpacked("t10k-labels-idx1-ubyte.gz", 4_542, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

  public static final List<RemoteFile> FASHION_MNIST = List.of(
      file("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
      file("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
      file("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
      file("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"));

  /** The length of a file whose length is not known is at most this. */
  private static final long MAX_BYTES = 4L << 30;

  /** The upper bound of its length; repacked files differ a little in length. */
  long limit() {
    return bytes == 0 ? MAX_BYTES : 2 * bytes + (64 << 10);
  }

  /** The hash for messages. */
  public String sum() {
    return hash.length() == 64 ? "the SHA-256 " + hash : "a SHA-256 that begins with " + hash;
  }

  static RemoteFile unpacked(String file, long bytes, String hash) {
    return new RemoteFile(file, bytes, hash, Hashed.UNPACKED);
  }

  /** A file whose own bytes are hashed. */
  public static RemoteFile file(String file, long bytes, String hash) {
    return new RemoteFile(file, bytes, hash, Hashed.FILE);
  }
}

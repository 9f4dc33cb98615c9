package dev.fovea.data;

import dev.fovea.image.Image;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Small shards, and the mending of those that a fuzzer has changed. */
public final class TarFiles {
  private static final int BLOCK = 512;
  private static final int SIZE = 124;
  private static final int CHECKSUM = 148;
  private static final int DIGITS = 8;

  private TarFiles() {}

  public static List<byte[]> seeds() {
    byte[] image = new Image(3, 2, 1, new byte[] {1, 2, 3, 4, 5, 6}).png();
    return List.of(
        new Tar().file("1.png", image).file("1.cls", "0").file("2.png", image).file("2.cls", "3").bytes(),
        new Tar().file("a/1.png", image).file("a/1.json", "{\"label\": 1}").file("a/2.cls", " dog\n").file("a/2.png", image)
            .open(),
        new Tar().entry("folder/", '5', 0, new byte[0]).pax("path", "x".repeat(120) + ".png").file("short", image)
            .pax("size", "1").file("short.cls", "1").bytes(),
        new Tar().entry("@LongLink", 'L', 6, bytes("b.png\0")).file("short", image).file("b.cls", "0")
            .entry("c.png", '2', 0, new byte[0]).entry("d", 'g', 1, bytes("x")).open());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Each header has the checksum of its bytes, so that the fuzzer reaches what comes after it. */
  public static byte[] withChecksums(byte[] input) {
    byte[] tar = input.clone();
    for (long at = 0; at + BLOCK <= tar.length;) {
      int from = (int) at;
      at += BLOCK + (size(tar, from) + BLOCK - 1) / BLOCK * BLOCK;
      Arrays.fill(tar, from + CHECKSUM, from + CHECKSUM + DIGITS, (byte) ' ');
      int sum = 0;
      for (int i = from; i < from + BLOCK; i++) {
        sum += tar[i] & 0xff;
      }
      if (sum == DIGITS * ' ') {
        Arrays.fill(tar, from + CHECKSUM, from + CHECKSUM + DIGITS, (byte) 0); // the end
        break;
      }
      System.arraycopy(bytes(String.format(Locale.ROOT, "%06o\0 ", sum)), 0, tar, from + CHECKSUM, DIGITS);
    }
    return tar;
  }

  private static long size(byte[] tar, int header) {
    long size = 0;
    for (int i = header + SIZE; i < header + SIZE + 11 && tar[i] >= '0' && tar[i] <= '7'; i++) {
      size = size << 3 | tar[i] - '0';
    }
    return size;
  }
}

package dev.fovea.formats.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.formats.Damage;
import dev.fovea.formats.Samples;
import dev.fovea.formats.Zips;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZipArchiveTest {
  @TempDir
  private Path folder;

  private static final Map<String, byte[]> ENTRIES = new LinkedHashMap<>();

  static {
    ENTRIES.put("a/one", "the first entry".getBytes(StandardCharsets.UTF_8));
    ENTRIES.put("a/two", new byte[3000]);
    ENTRIES.put("empty", new byte[0]);
  }

  private Path file(byte[] bytes) {
    return Samples.write(folder.resolve("f.zip"), bytes);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(byte[] bytes) {
    return assertThatThrownBy(() -> ZipArchive.of(file(bytes)).close()).isInstanceOf(FoveaException.class);
  }

  private static void readAll(Path file) {
    try (ZipArchive archive = ZipArchive.of(file)) {
      archive.entries().forEach(archive::contents);
    }
  }

  @Test
  void storedAndDeflatedEntriesAreRead() {
    for (byte[] bytes : new byte[][] {Zips.stored(ENTRIES), Zips.deflated(ENTRIES)}) {
      try (ZipArchive archive = ZipArchive.of(file(bytes))) {
        assertThat(archive.entries()).extracting(ZipEntry::name).containsExactlyElementsOf(ENTRIES.keySet());
        ENTRIES.forEach((name, contents) -> assertThat(archive.contents(archive.find(name).orElseThrow()).array("f"))
            .isEqualTo(contents));
        assertThat(archive.find("absent")).isEmpty();
      }
    }
  }

  @Test
  void everyPrefixIsRefusedAndDamageIsFound() throws IOException {
    for (byte[] bytes : new byte[][] {Zips.stored(ENTRIES), Zips.deflated(ENTRIES)}) {
      Damage.truncate(bytes, folder.resolve("t.zip"), ZipArchiveTest::readAll);
      Damage.flip(bytes, folder.resolve("d.zip"), ZipArchiveTest::readAll, 500);
    }
    byte[] changed = Zips.stored(ENTRIES);
    changed[40] ^= 1;
    assertThatThrownBy(() -> readAll(file(changed))).hasMessageContaining("'a/one' is damaged: its checksum differs");
  }

  /** The position of a directory's entry, 0 for the first. */
  private static int central(ByteBuffer zip, int index) {
    int at = zip.getInt(zip.capacity() - 6);
    for (int i = 0; i < index; i++) {
      at += 46 + zip.getShort(at + 28) + zip.getShort(at + 30) + zip.getShort(at + 32);
    }
    return at;
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void sizesThatLieAreRefused() {
    ByteBuffer longer = buffer(Zips.deflated(ENTRIES));
    longer.putInt(central(longer, 1) + 24, 3001);
    assertThatThrownBy(() -> readAll(file(longer.array()))).hasMessageContaining("does not expand to the 3001 bytes");
    ByteBuffer shorter = buffer(Zips.deflated(ENTRIES));
    shorter.putInt(central(shorter, 1) + 24, 2999);
    assertThatThrownBy(() -> readAll(file(shorter.array()))).hasMessageContaining("does not expand to the 2999 bytes");
    ByteBuffer huge = buffer(Zips.deflated(ENTRIES));
    huge.putInt(central(huge, 1) + 24, 2_000_000_000);
    refused(huge.array()).hasMessageContaining("declares 2000000000 bytes");
    ByteBuffer stored = buffer(Zips.stored(ENTRIES));
    stored.putInt(central(stored, 1) + 24, 5000);
    refused(stored.array()).hasMessageContaining("is stored in 3000 bytes, but declares 5000");
  }

  @Test
  void overlapsEncryptionOtherMethodsAndDuplicatesAreRefused() {
    ByteBuffer overlap = buffer(Zips.stored(Map.of("a", new byte[10], "b", new byte[10])));
    overlap.putInt(central(overlap, 0) + 20, 60).putInt(central(overlap, 0) + 24, 60);
    refused(overlap.array()).hasMessageContaining("overlaps");
    ByteBuffer encrypted = buffer(Zips.stored(ENTRIES));
    encrypted.put(central(encrypted, 0) + 8, (byte) 1);
    refused(encrypted.array()).hasMessageContaining("is encrypted");
    ByteBuffer method = buffer(Zips.stored(ENTRIES));
    method.putShort(central(method, 0) + 10, (short) 14);
    refused(method.array()).hasMessageContaining("by method 14");
    String text = new String(Zips.stored(ENTRIES), StandardCharsets.ISO_8859_1).replace("a/two", "a/one");
    refused(text.getBytes(StandardCharsets.ISO_8859_1)).hasMessageContaining("two entries are called 'a/one'");
    refused(new byte[0]).hasMessageContaining("has no directory");
  }

  @Test
  void bombIsRefusedBeforeItIsExpanded() {
    refused(Zips.deflated(Map.of("zeros", new byte[40 << 20]))).hasMessageContaining("expand to more than");
    readAll(file(Zips.deflated(Map.of("zeros", new byte[1 << 20]))));
  }

  /** One stored entry whose sizes and position are in the 64-bit extension. */
  private static ByteBuffer zip64() {
    byte[] contents = "sixty-four".getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(contents);
    ByteBuffer out = buffer(new byte[30 + 1 + 10 + 46 + 1 + 28 + 56 + 20 + 22]);
    out.putInt(0x04034b50).putShort((short) 45).putShort((short) 0).putShort((short) 0).putInt(0).putInt((int) crc.getValue())
        .putInt(-1).putInt(-1).putShort((short) 1).putShort((short) 0).put((byte) 'x').put(contents);
    int directory = out.position();
    out.putInt(0x02014b50).putShort((short) 45).putShort((short) 45).putShort((short) 0).putShort((short) 0).putInt(0)
        .putInt((int) crc.getValue()).putInt(-1).putInt(-1).putShort((short) 1).putShort((short) 28).putShort((short) 0)
        .putShort((short) 0).putShort((short) 0).putInt(0).putInt(-1).put((byte) 'x')
        .putShort((short) 1).putShort((short) 24).putLong(10).putLong(10).putLong(0);
    int end = out.position();
    out.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45).putInt(0).putInt(0).putLong(1).putLong(1)
        .putLong(end - directory).putLong(directory);
    out.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
    out.putInt(0x06054b50).putInt(0).putShort((short) -1).putShort((short) -1).putInt(-1).putInt(-1).putShort((short) 0);
    return out;
  }

  @Test
  void directoryOf64BitsIsRead() {
    try (ZipArchive archive = ZipArchive.of(file(zip64().array()))) {
      assertThat(archive.contents(archive.find("x").orElseThrow()).array("x")).asString().isEqualTo("sixty-four");
    }
    Damage.truncate(zip64().array(), folder.resolve("t.zip"), ZipArchiveTest::readAll);
    Damage.flip(zip64().array(), folder.resolve("d.zip"), ZipArchiveTest::readAll, 500);
    for (long value : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -1, 1L << 40}) {
      for (int position : new int[] {92, 100, 108, 148, 156, 164, 180}) {
        ByteBuffer zip = zip64();
        zip.putLong(position, value);
        refused(zip.array());
      }
    }
  }
}

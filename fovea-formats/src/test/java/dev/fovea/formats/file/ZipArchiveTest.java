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
import java.util.function.Consumer;
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

  /** A copy in which a value was changed. */
  private static byte[] changed(byte[] zip, Consumer<ByteBuffer> change) {
    byte[] copy = zip.clone();
    change.accept(ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN));
    return copy;
  }

  @Test
  void sizesThatLieAreRefused() {
    byte[] deflated = Zips.deflated(ENTRIES);
    for (int size : new int[] {2999, 3001}) {
      Path file = file(changed(deflated, zip -> zip.putInt(central(zip, 1) + 24, size)));
      assertThatThrownBy(() -> readAll(file)).hasMessageContaining("does not expand to the " + size + " bytes");
    }
    refused(changed(deflated, zip -> zip.putInt(central(zip, 1) + 24, 2_000_000_000)))
        .hasMessageContaining("declares 2000000000 bytes");
    refused(changed(Zips.stored(ENTRIES), zip -> zip.putInt(central(zip, 1) + 24, 5000)))
        .hasMessageContaining("is stored in 3000 bytes, but declares 5000");
  }

  @Test
  void overlapsEncryptionOtherMethodsAndDuplicatesAreRefused() {
    byte[] stored = Zips.stored(ENTRIES);
    refused(changed(stored, zip -> zip.putInt(central(zip, 0) + 20, 60).putInt(central(zip, 0) + 24, 60)))
        .hasMessageContaining("overlaps");
    refused(changed(stored, zip -> zip.put(central(zip, 0) + 8, (byte) 1))).hasMessageContaining("is encrypted");
    refused(changed(stored, zip -> zip.putShort(central(zip, 0) + 10, (short) 14))).hasMessageContaining("by method 14");
    String text = new String(stored, StandardCharsets.ISO_8859_1).replace("a/two", "a/one");
    refused(text.getBytes(StandardCharsets.ISO_8859_1)).hasMessageContaining("two entries are called 'a/one'");
    refused(new byte[0]).hasMessageContaining("has no directory");
  }

  @Test
  void bombIsRefusedBeforeItIsExpanded() {
    refused(Zips.deflated(Map.of("zeros", new byte[40 << 20])))
        .hasMessageContaining("its entries expand to 41943040 bytes or more");
    readAll(file(Zips.deflated(Map.of("zeros", new byte[1 << 20]))));
  }

  /** One stored entry whose sizes and position are in the 64-bit extension. */
  private static byte[] zip64() {
    byte[] contents = "sixty-four".getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(contents);
    byte[] zip = new byte[30 + 1 + 10 + 46 + 1 + 28 + 56 + 20 + 22];
    ByteBuffer out = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
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
    return zip;
  }

  @Test
  void directoryOf64BitsIsRead() {
    try (ZipArchive archive = ZipArchive.of(file(zip64()))) {
      assertThat(archive.contents(archive.find("x").orElseThrow()).array("x")).asString().isEqualTo("sixty-four");
    }
    Damage.truncate(zip64(), folder.resolve("t.zip"), ZipArchiveTest::readAll);
    Damage.flip(zip64(), folder.resolve("d.zip"), ZipArchiveTest::readAll, 500);
    for (long value : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -1, 1L << 40}) {
      for (int position : new int[] {92, 100, 108, 148, 156, 164, 180}) {
        refused(changed(zip64(), zip -> zip.putLong(position, value)));
      }
    }
  }
}

package dev.fovea.formats.numpy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.format.TensorFile;
import dev.fovea.formats.Damage;
import dev.fovea.formats.Samples;
import dev.fovea.formats.Zips;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import dev.fovea.testkit.RealData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
  @TempDir
  private Path folder;

  /** A file of version 1 with this dictionary. */
  private static byte[] bytes(String dictionary, byte... elements) {
    byte[] text = (dictionary + "\n").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer out = ByteBuffer.allocate(10 + text.length + elements.length).order(ByteOrder.LITTLE_ENDIAN);
    return out.put(NpyHeader.MAGIC).put((byte) 1).put((byte) 0).putShort((short) text.length).put(text).put(elements).array();
  }

  private static String dictionary(String descr, boolean columnMajor, String shape) {
    return "{'descr': '" + descr + "', 'fortran_order': " + (columnMajor ? "True" : "False") + ", 'shape': " + shape + ", }";
  }

  private Npy read(byte[] bytes) {
    return Npy.read(Samples.write(folder.resolve("a.npy"), bytes));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(byte[] bytes) {
    return assertThatThrownBy(() -> read(bytes)).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith(folder.resolve("a.npy") + ": ");
  }

  @Test
  void tensorsAreWrittenAndReadBack() {
    Path file = folder.resolve("w.npy");
    for (Shape shape : new Shape[] {Shape.of(), Shape.of(5), Shape.of(2, 3), Shape.of(1, 3, 32, 32), Shape.of(400, 1000)}) {
      float[] values = new float[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = i / 7f - 3;
      }
      Npy.write(file, new Tensor(shape, values));
      Npy read = Npy.read(file);
      assertThat(read.shape()).isEqualTo(shape);
      assertThat(read.dtype()).isEqualTo("float32");
      assertThat(read.isInteger()).isFalse();
      assertThat(read.floats()).isEqualTo(values);
    }
  }

  @Test
  void writtenBytesAreThoseOfNumpy() throws Exception {
    Path file = folder.resolve("w.npy");
    Npy.write(file, new Tensor(Shape.of(2), new float[] {1, -2}));
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    String expected = HexFormat.of().formatHex(NpyHeader.MAGIC) + "01007600"
        + HexFormat.of().formatHex((header + " ".repeat(117 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII))
        + "0000803f000000c0";
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).isEqualTo(expected);
  }

  @Test
  void integersAreExactBeyondFloats() {
    Path file = folder.resolve("i.npy");
    long[] values = {1L << 24, (1L << 24) + 1, Long.MIN_VALUE, Long.MAX_VALUE};
    Npy.write(file, Shape.of(2, 2), values);
    assertThat(Npy.read(file).integers()).isEqualTo(values);
    assertThat(Npy.read(file).floats()).containsExactly(0x1p24f, 0x1p24f, -0x1p63f, 0x1p63f);
    assertThatThrownBy(() -> Npy.write(file, Shape.of(3), values)).hasMessage("an array of 3 has 3 elements, got 4");
    Npy.write(file, new Tensor(Shape.of(1), new float[1]));
    assertThatThrownBy(() -> Npy.read(file).integers()).hasMessageContaining("of type float32, expected integers");
  }

  @ParameterizedTest
  @CsvSource({
      "<f2, 003e00c1, 1.5 -2.5",
      ">f2, 3e00c100, 1.5 -2.5",
      "<f4, 0000c03f000020c0, 1.5 -2.5",
      ">f4, 3fc00000c0200000, 1.5 -2.5",
      "<f8, 000000000000f83f00000000000004c0, 1.5 -2.5",
      ">f8, 3ff8000000000000c004000000000000, 1.5 -2.5",
      "|b1, 0100, 1 0",
      "|i1, 7f80, 127 -128",
      "|u1, 7f80, 127 128",
      "<i2, ff7f0080, 32767 -32768",
      ">i2, 7fff8000, 32767 -32768",
      "<u2, ff7f0080, 32767 32768",
      "<i4, 0100000000000080, 1 -2147483648",
      ">u4, 0000000180000000, 1 2147483648",
      "<i8, 0100000000000000ffffffffffffffff, 1 -1",
      ">u8, 00000000000000010000000000000002, 1 2",
      "=f4, 0000c03f000020c0, 1.5 -2.5"})
  void everyTypeIsReadInBothByteOrders(String descr, String hex, String expected) {
    Npy array = read(bytes(dictionary(descr, false, "(2,)"), HexFormat.of().parseHex(hex)));
    String[] values = expected.split(" ", -1);
    assertThat(array.floats()).containsExactly(Float.parseFloat(values[0]), Float.parseFloat(values[1]));
    if (array.isInteger()) {
      assertThat(array.integers()).containsExactly(Long.parseLong(values[0]), Long.parseLong(values[1]));
    }
  }

  @Test
  void columnMajorOrderIsTurned() {
    byte[] elements = {1, 2, 3, 4, 5, 6};
    assertThat(read(bytes(dictionary("|u1", true, "(2, 3)"), elements)).floats()).containsExactly(1, 3, 5, 2, 4, 6);
    assertThat(read(bytes(dictionary("|u1", true, "(2, 3)"), elements)).integers()).containsExactly(1, 3, 5, 2, 4, 6);
    assertThat(read(bytes(dictionary("|u1", true, "(1, 2, 3, 1)"), elements)).integers()).containsExactly(1, 3, 5, 2, 4, 6);
    assertThat(read(bytes(dictionary("|u1", true, "()"), (byte) 7)).floats()).containsExactly(7);
  }

  @Test
  void versions2And3AreRead() {
    for (int version = 2; version <= 3; version++) {
      byte[] one = bytes(dictionary("|u1", false, "(1L,)"), (byte) 9);
      ByteBuffer out = ByteBuffer.allocate(one.length + 2).order(ByteOrder.LITTLE_ENDIAN);
      out.put(one, 0, 6).put((byte) version).put((byte) 0).putInt(one.length - 11).put(one, 10, one.length - 10);
      assertThat(read(out.array()).integers()).containsExactly(9);
    }
  }

  @ParameterizedTest
  @CsvSource({"|O, pickled Python objects", "<U5, text", "|S3, text", "<c8, complex", "|V2, structured or raw", "<M8[ns], times",
      "<f16, 'f16'", "<i9, 'i9'", "'', ''"})
  void otherTypesAreRefusedByName(String descr, String named) {
    refused(bytes(dictionary(descr, false, "(1,)"), new byte[16])).hasMessageContaining(named).hasMessageContaining("astype");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}", "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
      "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}", "{'x': '<f4', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "{'descr"})
  void invalidHeadersAreRefused(String dictionary) {
    refused(bytes(dictionary, new byte[4])).hasMessageContaining("header is invalid");
  }

  @Test
  void structuresEmptyAndHugeArraysAreRefused() {
    refused(bytes("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", new byte[4]))
        .hasMessageContaining("structured");
    refused(bytes(dictionary("<f4", false, "(3, 0)"))).hasMessageContaining("of 3x0 is empty");
    refused(bytes(dictionary("<f4", false, "(9223372036854775807,)"))).hasMessageContaining("more than 2^63 bytes");
    refused(bytes(dictionary("<f4", false, "(4294967296, 4294967296)"))).hasMessageContaining("more than 2^63 bytes");
    refused(bytes(dictionary("<f4", false, "(1000000000,)"), new byte[8])).hasMessageContaining("is truncated")
        .hasMessageContaining("it has");
    refused(bytes(dictionary("<f4", false, "(1,)"), new byte[5])).hasMessageContaining("has 1 bytes after the array");
    refused(bytes(dictionary("<f4", false, "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"), new byte[4])).hasMessageContaining("16 axes");
    byte[] uint64 = bytes(dictionary("<u8", false, "(1,)"), new byte[] {0, 0, 0, 0, 0, 0, 0, -1});
    assertThatThrownBy(() -> read(uint64).integers()).hasMessageContaining("has the element 18374686479671623680");
  }

  @Test
  void damagedFilesAreReadOrRefused() {
    byte[] whole = bytes(dictionary(">f4", true, "(2, 3)"), new byte[24]);
    Damage.truncate(whole, folder.resolve("t.npy"), file -> Npy.read(file).floats());
    Damage.flip(whole, folder.resolve("d.npy"), file -> Npy.read(file).floats(), 2000);
  }

  @Test
  void archivesStoredAndDeflatedAreRead() {
    for (String name : new String[] {"stored", "deflated"}) {
      try (Npz file = Npz.read(Samples.small("numpy/" + name + ".npz", folder))) {
        assertThat(file.names()).containsExactly("floats", "half", "integers");
        assertThat(file.dtype("half")).isEqualTo("float16");
        assertThat(file.tensor("floats")).satisfies(t -> assertThat(t.values()).containsExactly(0, 1, 2, 3, 4, 5))
            .extracting(Tensor::shape).isEqualTo(Shape.of(2, 3));
        assertThat(file.tensor("half").values()).containsExactly(1, 1, 1);
        assertThat(file.isReadable("integers")).isFalse();
        assertThat(file.array("integers").integers()).containsExactly(0, 1, 2);
        assertThatThrownBy(() -> file.tensor("integers")).hasMessageContaining("elements of type int64, expected floats");
        assertThatThrownBy(() -> file.tensor("absent")).hasMessageContaining("there is no tensor 'absent'");
        assertThatThrownBy(() -> file.readInto("floats", new float[6], 1)).hasMessageContaining("does not fit");
      }
    }
  }

  @Test
  void objectsInArchivesAreRefusedByTheirName() {
    try (Npz file = Npz.read(Samples.small("numpy/objects.npz", folder))) {
      assertThat(file.tensor("a").values()).containsExactly(1, 1);
      assertThatThrownBy(() -> file.tensor("o")).hasMessageContaining("objects.npz: 'o': has elements of the type 'O'");
    }
    Path other = Samples.write(folder.resolve("o.npz"), Zips.stored(Map.of("readme.txt", new byte[1])));
    assertThatThrownBy(() -> Npz.read(other)).hasMessageContaining("'readme.txt' is not an array");
  }

  @Test
  void damagedArchivesAreReadOrRefused() {
    for (String name : new String[] {"stored", "deflated"}) {
      byte[] whole = Samples.small("numpy/" + name + ".npz");
      Damage.truncate(whole, folder.resolve("t.npz"), NpyTest::readAll);
      Damage.flip(whole, folder.resolve("d.npz"), NpyTest::readAll, 1000);
    }
  }

  private static void readAll(Path path) {
    try (Npz file = Npz.read(path)) {
      for (String name : file.names()) {
        file.array(name).floats();
      }
    }
  }

  @Test
  void formatOpensBothAndRefusesToReadANetwork() {
    NumpyFormat format = new NumpyFormat();
    Path file = folder.resolve("weight.NPY");
    Npy.write(file, new Tensor(Shape.of(2), new float[] {1, 2}));
    assertThat(format.matches(file)).isTrue();
    assertThat(format.matches(Path.of("a.npz.txt"))).isFalse();
    try (TensorFile tensors = format.tensors(file)) {
      assertThat(tensors.names()).containsExactly("weight");
      assertThat(tensors.tensor("weight").values()).containsExactly(1, 2);
      assertThat(tensors.dtype("weight")).isEqualTo("float32");
      assertThatThrownBy(() -> tensors.shape("other")).hasMessageContaining("there is no array 'other'; it is 'weight'");
      assertThatThrownBy(() -> tensors.readInto("weight", new float[1], 0)).hasMessageContaining("does not fit");
    }
    assertThatThrownBy(() -> format.read(file)).hasMessageContaining("holds 1 tensor without a network");
  }

  @Test
  void realArraysAreRead() {
    Npy array = Npy.read(RealData.folder("pretrained/ultraface/input.npy"));
    assertThat(array.shape()).isEqualTo(Shape.of(1, 3, 240, 320));
    assertThat(array.floats()).hasSize(230_400).doesNotContain(Float.NaN);
  }
}

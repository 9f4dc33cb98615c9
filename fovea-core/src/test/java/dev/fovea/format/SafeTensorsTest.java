package dev.fovea.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
  /** The bytes that Python's safetensors 0.8.0 writes for tensors of several types, one of them a scalar and one empty. */
  private static final String PYTHON_HEADER = "{\"__metadata__\":{\"format\":\"pt\"},"
      + "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
      + "\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[8,16]},"
      + "\"e\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[16,16]},"
      + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[16,32]},"
      + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[32,36]},"
      + "\"h\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[36,42]}}      ";

  private static final String PYTHON_DATA =
      "0700000000000000" + "9a9999999999b93f" + "0000803f000020c0cdcccc3de6b1617f" + "c03f62ff" + "003cff7b0100";

  @TempDir
  Path folder;

  /** A file of any header and data, with a correct length field. */
  static byte[] bytes(String header, String dataHex) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    byte[] data = HexFormat.of().parseHex(dataHex);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.putLong(json.length).put(json).put(data).array();
  }

  static byte[] python() {
    return bytes(PYTHON_HEADER, PYTHON_DATA);
  }

  private Path file(byte[] bytes) {
    try {
      return Files.write(folder.resolve("m.safetensors"), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void refused(byte[] bytes, String message) {
    Path file = file(bytes);
    assertThatThrownBy(() -> SafeTensors.read(file).close()).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith(file + ": ").hasMessageContaining(message).message().doesNotContain("\n");
  }

  private void refused(String header, String dataHex, String message) {
    refused(bytes(header, dataHex), message);
  }

  @Test
  void aPythonFileIsRead() {
    try (SafeTensors file = SafeTensors.read(file(python()))) {
      assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(file.names()).containsExactly("n", "d", "e", "w", "b", "h");
      assertThat(file.tensor("w").shape()).isEqualTo(Shape.of(2, 2));
      assertThat(file.tensor("w").values()).containsExactly(1, -2.5f, 0.1f, 3e38f);
      assertThat(file.tensor("d").shape()).isEqualTo(Shape.of());
      assertThat(file.tensor("d").values()).containsExactly(0.1f);
      assertThat(file.tensor("b").values()).containsExactly(1.5f, -0x1.c4p127f);
      assertThat(file.tensor("h").values()).containsExactly(1, 65504, 0x1p-24f);
      assertThat(file.names().stream().filter(file::isReadable)).containsExactly("d", "w", "b", "h");
      assertThat(file.dtype("n")).isEqualTo("I64");
      assertThat(file.shape("n")).isEqualTo(Shape.of());
    }
  }

  @Test
  void theBytesEqualThoseOfPython() throws IOException {
    Path file = folder.resolve("m.safetensors");
    SafeTensors.write(file, Map.of("w", new Tensor(Shape.of(1, 2), new float[] {1, -2})), Map.of("a", "\u00e9"));
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).isEqualTo("5800000000000000"
        + "7b225f5f6d657461646174615f5f223a7b2261223a22c3a9227d2c2277223a7b226474797065223a22463332222c227368617065223a5b312c"
        + "325d2c22646174615f6f666673657473223a5b302c385d7d7d2020202020200000803f000000c0");
    SafeTensors.write(file, Map.of(), Map.of());
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes("{}      ", ""));
  }

  @Test
  void allBitsOfAFloatArePreserved() {
    int[] bits = {0, 1 << 31, 1, 0x7f800000, 0xff800000, 0x7fc00001, 0x7fa12345, 0x7f7fffff};
    float[] values = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      values[i] = Float.intBitsToFloat(bits[i]);
    }
    Path path = folder.resolve("m");
    SafeTensors.write(path, Map.of("x", new Tensor(Shape.of(bits.length), values)), Map.of());
    try (SafeTensors file = SafeTensors.read(path)) {
      float[] read = file.tensor("x").values();
      for (int i = 0; i < bits.length; i++) {
        assertThat(Float.floatToRawIntBits(read[i])).isEqualTo(bits[i]);
      }
    }
  }

  @Test
  void tensorsLargerThanAChunkAreReadInEveryType() {
    int size = SafeTensorsWriter.CHUNK + 3;
    SplittableRandom random = new SplittableRandom(1);
    for (Dtype dtype : List.of(Dtype.F16, Dtype.BF16, Dtype.F32, Dtype.F64)) {
      int width = dtype.bits() / 8;
      String header = entry(dtype.name(), "[" + size + "]", "[0," + size * width + "]");
      ByteBuffer data = ByteBuffer.allocate(8 + header.length() + size * width).order(ByteOrder.LITTLE_ENDIAN);
      data.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8));
      float[] expected = new float[size];
      for (int i = 0; i < size; i++) {
        expected[i] = random.nextInt(-100, 100); // exact in all four
        switch (dtype) {
          case F16 -> data.putShort(Float.floatToFloat16(expected[i]));
          case BF16 -> data.putShort((short) (Float.floatToRawIntBits(expected[i]) >>> 16));
          case F32 -> data.putFloat(expected[i]);
          default -> data.putDouble(expected[i]);
        }
      }
      try (SafeTensors file = SafeTensors.read(file(data.array()))) {
        assertThat(file.tensor("x").values()).as(dtype.name()).isEqualTo(expected);
      }
    }
  }

  @Test
  void slicesOfAFlatArrayRoundTrip() {
    float[] flat = new float[200_000];
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < flat.length; i++) {
      flat[i] = random.nextInt();
    }
    List<SafeTensors.Slice> slices = List.of(new SafeTensors.Slice("features.0.weight", Shape.of(100, 1999), 7),
        new SafeTensors.Slice("scalar", Shape.of(), 0), new SafeTensors.Slice("last", Shape.of(93), 199_907));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("z", "{\"graph\":[\"\\n\"]}");
    metadata.put("a", "\ud83d\ude00\u0000");
    metadata.put("", "");
    Path path = folder.resolve("m");
    SafeTensors.write(path, slices, flat, metadata);
    try (SafeTensors file = SafeTensors.read(path)) {
      assertThat(file.metadata()).containsExactlyEntriesOf(metadata);
      assertThat(file.names()).containsExactly("features.0.weight", "scalar", "last");
      float[] back = new float[flat.length];
      for (SafeTensors.Slice slice : slices) {
        assertThat(file.shape(slice.name())).isEqualTo(slice.shape());
        file.readInto(slice.name(), back, slice.offset());
      }
      assertThat(back).startsWith(flat[0], 0, 0, 0, 0, 0, 0, flat[7]).endsWith(flat[199_999]);
      System.arraycopy(flat, 1, back, 1, 6);
      assertThat(back).isEqualTo(flat);
    }
  }

  @Test
  void theDataIsAlignedToEightBytes() throws IOException {
    for (int length = 0; length < 16; length++) {
      Path path = folder.resolve("m");
      SafeTensors.write(path, Map.of("x".repeat(length), new Tensor(Shape.of(1), new float[] {3})), Map.of());
      assertThat((Files.size(path) - Float.BYTES) % 8).isZero();
      try (SafeTensors file = SafeTensors.read(path)) {
        assertThat(file.tensor("x".repeat(length)).values()).containsExactly(3);
      }
    }
  }

  @Test
  void invalidTensorsAreRefusedAndNoFileIsLeft() {
    Path path = folder.resolve("m");
    float[] flat = new float[4];
    assertThatThrownBy(() -> SafeTensors.write(path, List.of(new SafeTensors.Slice("a", Shape.of(3), 2)), flat, Map.of()))
        .isInstanceOf(FoveaException.class)
        .hasMessage("tensor 'a' of 3 has 3 elements, which do not fit into an array of 4 from 2 on");
    assertThatThrownBy(() -> SafeTensors.write(path, List.of(new SafeTensors.Slice("a", Shape.of(3), -1)), flat, Map.of()))
        .isInstanceOf(FoveaException.class);
    SafeTensors.Slice slice = new SafeTensors.Slice("a", Shape.of(1), 0);
    assertThatThrownBy(() -> SafeTensors.write(path, List.of(slice, slice), flat, Map.of()))
        .hasMessage(path + ": the tensor's name 'a' is already in use; choose another");
    SafeTensors.Slice reserved = new SafeTensors.Slice("__metadata__", Shape.of(1), 0);
    assertThatThrownBy(() -> SafeTensors.write(path, List.of(reserved), flat, Map.of()))
        .isInstanceOf(FoveaException.class).hasMessageContaining("is already in use");
    assertThatThrownBy(() -> SafeTensors.write(path, List.of(slice), flat, Map.of("k", "\ud800")))
        .isInstanceOf(FoveaException.class).hasMessageContaining("surrogate");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void otherTypesAreRefusedOnlyWhenRead() {
    try (SafeTensors file = SafeTensors.read(file(python()))) {
      String prefix = folder.resolve("m.safetensors") + ": ";
      assertThatThrownBy(() -> file.tensor("n"))
          .hasMessage(prefix + "tensor 'n' has the type I64; supported are F32, F64, F16, BF16 and the floats of 8 bits");
      assertThatThrownBy(() -> file.readInto("n", new float[1], 0)).isInstanceOf(FoveaException.class);
      assertThatThrownBy(() -> file.tensor("e"))
          .hasMessage(prefix + "tensor 'e' of 0x3 is empty, which is not supported; remove it");
      assertThatThrownBy(() -> file.tensor("x"))
          .hasMessage(prefix + "there is no tensor 'x'; the file has 6, 'n', 'd', 'e' first");
      assertThatThrownBy(() -> file.readInto("w", new float[5], 2))
          .hasMessage(prefix + "tensor 'w' of 2x2 has 4 elements, which do not fit into an array of 5 from 2 on");
      assertThatThrownBy(() -> file.readInto("w", new float[5], -1)).isInstanceOf(FoveaException.class);
      assertThat(file.has("x")).isFalse();
    }
  }

  @Test
  void packedAndHugeTensorsDoNotInvalidateTheFile() {
    String header = "{\"p\":{\"dtype\":\"F4\",\"shape\":[2,3],\"data_offsets\":[0,3]},"
        + "\"e\":{\"dtype\":\"F32\",\"shape\":[4294967296,0],\"data_offsets\":[3,3]}}";
    try (SafeTensors file = SafeTensors.read(file(bytes(header, "000000")))) {
      assertThat(file.names()).containsExactly("p", "e").noneMatch(file::isReadable);
    }
  }

  @Test
  void theHeadersOrderIsFree() {
    String header = "{\"b\":{\"data_offsets\":[4,8],\"shape\":[1],\"dtype\":\"F32\"},\"__metadata__\":{},"
        + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
        + "\"z\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]}}";
    try (SafeTensors file = SafeTensors.read(file(bytes(header, "0000803f00000040")))) {
      assertThat(file.names()).containsExactly("a", "z", "b");
      assertThat(file.tensor("b").values()).containsExactly(2);
    }
  }

  @Test
  void aReplacedFileIsStillReadFromItsOldContents() {
    Path path = folder.resolve("m");
    SafeTensors.write(path, Map.of("a", new Tensor(Shape.of(1), new float[] {1})), Map.of());
    try (SafeTensors file = SafeTensors.read(path)) {
      SafeTensors.write(path, Map.of("b", new Tensor(Shape.of(2), new float[] {2, 3})), Map.of());
      assertThat(file.tensor("a").values()).containsExactly(1);
    }
  }

  @Test
  void aClosedOrTruncatedFileIsReported() throws IOException {
    Path path = file(python());
    try (SafeTensors file = SafeTensors.read(path)) {
      Files.write(path, new byte[20]);
      assertThatThrownBy(() -> file.tensor("h"))
          .hasMessage(path + ": unexpected end of file; was it changed while it was read?");
    }
    SafeTensors closed = SafeTensors.read(file(python()));
    closed.close();
    assertThatThrownBy(() -> closed.tensor("h")).hasMessage(path + ": cannot be read: it is already closed");
  }

  @Test
  void missingFilesAreReported() {
    assertThatThrownBy(() -> SafeTensors.read(folder).close()).hasMessage(folder + ": is not a regular file");
    Path missing = folder.resolve("none");
    assertThatThrownBy(() -> SafeTensors.read(missing).close()).hasMessage(missing + ": no such file");
  }

  @Test
  void otherFilesAreRefused() {
    refused(new byte[0], "not a safetensors file: it has only 0 bytes");
    refused(new byte[8], "not a safetensors file: its header does not start with '{'");
    refused("it is text, nothing more".getBytes(StandardCharsets.UTF_8),
        "not a safetensors file: the header's length 7310503775186220137 exceeds the file's 24 bytes");
    refused(HexFormat.of().parseHex("ffffffffffffffff"), "the header's length 18446744073709551615 exceeds the file's 8 bytes");
    refused(HexFormat.of().parseHex("01000000000000007b"), "header: not valid JSON");
    refused(" {}", "", "does not start with '{'");
    refused("[]", "", "does not start with '{'");
    refused("{} {", "", "not valid JSON");
    refused(HexFormat.of().parseHex("0500000000000000" + "7b22ff7d20"), "its header is not UTF-8");
  }

  @Test
  void aHeaderBeyondTheFormatsLimitIsRefused() throws IOException {
    Path path = folder.resolve("sparse");
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE,
        StandardOpenOption.SPARSE)) {
      channel.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 100_000_001));
      channel.write(ByteBuffer.allocate(1), 200_000_000);
    }
    assertThatThrownBy(() -> SafeTensors.read(path).close())
        .hasMessage(path + ": the header's length 100000001 exceeds the format's limit of 100000000 bytes");
  }

  @Test
  void inconsistentHeadersAreRefused() {
    refused(entry("F32", "[1]", "[0,4]"), "", "tensor 'x': its data ends at byte 4, but the file has 0 bytes of data");
    refused(entry("F32", "[1]", "[0,4]"), "0000000000", "the file has 5 bytes of data, its tensors need only 4");
    refused(entry("F32", "[1]", "[1,5]"), "0000000000", "its data starts at byte 1, expected 0");
    refused(entry("F32", "[2]", "[0,4]"), "00000000", "'2' of F32 needs 8 bytes, its data_offsets [0, 4] span 4");
    refused(entry("F16", "[2]", "[4,0]"), "00000000", "data_offsets must be its start and its end, got '[4, 0]'");
    refused(entry("F32", "[1]", "[0]"), "00000000", "data_offsets must be");
    refused(entry("F32", "[1]", "[0,4,8]"), "00000000", "data_offsets must be");
    refused(entry("F32", "[-1]", "[0,4]"), "00000000", "shape must be integers of 0 or more, got '[-1]'");
    refused(entry("F32", "[1]", "[-4,0]"), "00000000", "data_offsets must be integers of 0 or more");
    refused(entry("F32", "[1.0]", "[0,4]"), "00000000", "'shape': expected a 64-bit integer, got '1.0'");
    refused(entry("F32", "[99999999999999999999]", "[0,4]"), "00000000", "expected a 64-bit integer");
    refused(entry("F32", "[4294967296,4294967296]", "[0,4]"), "00000000",
        "the shape '4294967296x4294967296' is larger than any file");
    refused(entry("F32", "[4294967296,4294967296,0]", "[0,0]"), "", "is larger than any file");
    refused(entry("F4", "[3]", "[0,1]"), "00", "'3' of F4 is not a whole number of bytes");
    refused(entry("F99", "[1]", "[0,4]"), "00000000", "the dtype 'F99' is not one of BOOL, U8");
    refused(entry("F32", "1", "[0,4]"), "00000000", "header: x: 'shape' must be an array, got the number 1");
    refused(entry("F32", "[[1]]", "[0,4]"), "00000000", "'shape' must be an array of integers, got an array of 1");
    refused("{\"x\":1}", "", "header: 'x' must be an object, got the number 1");
    refused("{\"x\":{}}", "", "header: x: 'dtype' is missing");
    refused("{\"x\":{\"dtype\":\"F32\",\"shape\":[0]}}", "", "header: x: 'data_offsets' is missing");
    refused("{\"__metadata__\":[]}", "", "'__metadata__' must be an object");
    refused("{\"__metadata__\":{\"a\":1}}", "", "header: __metadata__: 'a' must be a string, got the number 1");
    String x = "\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}";
    refused("{" + x + "," + x + "}", "0000", "the duplicate key 'x'");
    String y = "{" + x + ",\"y\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":";
    refused(y + "[1,3]}}", "000000", "'y': its data starts at byte 1, expected 2");
    refused(y + "[3,5]}}", "0000000000", "'y': its data starts at byte 3, expected 2");
    refused(y + "[0,2]}}", "0000", "its data starts at byte 0, expected 2");
  }

  private static String entry(String dtype, String shape, String offsets) {
    return "{\"x\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
  }
}

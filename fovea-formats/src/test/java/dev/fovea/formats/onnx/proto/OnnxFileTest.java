package dev.fovea.formats.onnx.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.format.TensorFile;
import dev.fovea.formats.onnx.Onnx;
import dev.fovea.formats.onnx.OnnxFormat;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileTest {
  @TempDir
  Path folder;

  private static OnnxModel read(WireWriter message) {
    return OnnxFile.of("m.onnx", Samples.bytes(message)).model();
  }

  private static void refuses(WireWriter message, String... words) {
    assertThatThrownBy(() -> read(message)).isInstanceOf(FoveaException.class).hasMessageStartingWith("m.onnx: byte ")
        .hasMessageContainingAll(words);
  }

  @Test
  void aModelIsWrittenAndReadAgain() {
    OnnxModel model = Samples.model();
    Path path = folder.resolve("model.onnx");
    OnnxFile.write(model, path);
    try (OnnxFile file = OnnxFile.open(path)) {
      OnnxModel again = file.model();
      // A tensor prints its name, shape and type; its elements are compared below.
      assertThat(again.toString()).isEqualTo(model.toString());
      assertThat(again.opset()).isEqualTo(17);
      assertThat(again.graph().initializers().getFirst().floats()).containsExactly(1, -2, 3.5f, -0f, 1e-30f, 7);
      OnnxNode node = again.graph().nodes().getFirst();
      assertThat(node.tensor("value").orElseThrow().longs()).containsExactly(1, -1, Long.MIN_VALUE);
      assertThat(node.integer("axis", 0)).isEqualTo(-1);
      assertThat(node.number("alpha", 0)).isEqualTo(0.25f);
      assertThat(node.text("mode", "")).isEqualTo("linear");
      assertThat(node.integers("pads")).contains(List.of(0L, 300L, -1L));
      assertThat(node.numbers("scales")).contains(List.of(1f, 2.5f));
      assertThat(node.integers("absent")).isEmpty();
      assertThatThrownBy(() -> node.integers("mode"))
          .hasMessage("node 'n/1' (my.domain.F): attribute 'mode' must be a list of integers, got a string");
    }
  }

  @Test
  void halvesAreRoundedWhenTheyAreWritten() {
    float[] values = {1, 65504, 1e-9f, 0.1f};
    OnnxTensor half = OnnxTensor.floats("h", Shape.of(4), values, 0).half();
    OnnxTensor again = OnnxFile.of("t.pb", Samples.bytes(ModelWriter.tensor(half))).tensor();
    assertThat(again.type()).isEqualTo(OnnxType.FLOAT16);
    assertThat(again.floats()).containsExactly(1, 65504, 0, Float.float16ToFloat(Float.floatToFloat16(0.1f)));
  }

  @Test
  void unknownFieldsOfEveryWireTypeAreSkipped() {
    WireWriter message = ModelWriter.model(Samples.model());
    message.integer(1000, -1).float32(1001, 1).text(1002, "new").message(1003, new WireWriter().integer(1, 1));
    byte[] fixed64 = {(byte) 0xc1, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8}; // field 1000
    byte[] bytes = Samples.bytes(message);
    byte[] all = Arrays.copyOf(bytes, bytes.length + fixed64.length);
    System.arraycopy(fixed64, 0, all, bytes.length, fixed64.length);
    assertThat(OnnxFile.of("m", all).model().toString()).isEqualTo(Samples.model().toString());
  }

  @Test
  void theDefaultDomainHasOneName() {
    WireWriter node = new WireWriter().text(4, "Relu").text(7, "ai.onnx");
    WireWriter opset = new WireWriter().text(1, "ai.onnx").integer(2, 13);
    OnnxModel model = read(new WireWriter().message(7, new WireWriter().message(1, node)).message(8, opset));
    assertThat(model.opset()).isEqualTo(13);
    assertThat(model.graph().nodes().getFirst().domain()).isEmpty();
  }

  @Test
  void attributesOfTheFirstYearHaveNoType() {
    WireWriter node = new WireWriter().text(4, "Conv").message(5, new WireWriter().text(1, "group").integer(3, 2))
        .message(5, new WireWriter().text(1, "pads").integer(8, 1).integer(8, 2))
        .message(5, new WireWriter().text(1, "zero").integer(20, 2));
    OnnxNode read = read(new WireWriter().message(7, new WireWriter().message(1, node))).graph().nodes().getFirst();
    assertThat(read.integer("group", 1)).isEqualTo(2);
    assertThat(read.integers("pads")).contains(List.of(1L, 2L));
    assertThat(read.integer("zero", 5)).as("writers may leave out zeros").isZero();
  }

  @Test
  void damagedMessagesAreRefusedWithTheirPlace() {
    refuses(new WireWriter(), "in ModelProto: there is no graph");
    refuses(new WireWriter().message(7, new WireWriter()).message(7, new WireWriter()), "there are two graphs");
    refuses(new WireWriter().integer(7, 3), "byte 0", "field 7 must be a message, got the wire type 0");
    refuses(new WireWriter().message(7, new WireWriter().message(1, new WireWriter().text(3, "n"))),
        "in NodeProto: a node has no operator");
    assertThatThrownBy(() -> OnnxFile.of("m", new byte[] {0x3b, 0x3c}).model())
        .hasMessageStartingWith("m: byte 0: in ModelProto: field 7 has the wire type 3, a group");
    assertThatThrownBy(() -> OnnxFile.of("m", new byte[] {0x08, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}).model())
        .hasMessageContaining("a number has more than 10 bytes");
    assertThatThrownBy(() -> OnnxFile.of("m", new byte[] {0x3a, -1, -1, -1, -1, -1, -1, -1, -1, 0x7f, 1}).model())
        .hasMessageContaining("field 7 has a length of 9223372036854775807, there are 1 bytes left");
    assertThatThrownBy(() -> OnnxFile.of("m", new byte[] {0x12, 2, (byte) 0xc3, 0x28}).model())
        .hasMessageContaining("is not UTF-8");
  }

  @Test
  void nestedGraphsHaveALimit() {
    assertThat(read(new WireWriter().message(7, nested(20))).graph().nodes()).hasSize(1);
    refuses(new WireWriter().message(7, nested(700)), "messages are nested more than 64 levels deep");
  }

  private static WireWriter nested(int graphs) {
    WireWriter graph = new WireWriter();
    for (int i = 0; i < graphs; i++) {
      WireWriter attribute = new WireWriter().text(1, "body").message(6, graph).integer(20, 5);
      graph = new WireWriter().message(1, new WireWriter().text(4, "Loop").message(5, attribute));
    }
    return graph;
  }

  /** Five bytes each: their records would take fifty times the file. */
  @Test
  void manyTinyNodesAreRefusedBeforeTheyTakeMemory() {
    WireWriter graph = new WireWriter();
    WireWriter node = new WireWriter().text(4, "A");
    for (int i = 0; i < 1 << 18; i++) {
      graph.message(1, node);
    }
    refuses(new WireWriter().message(7, graph), "the model's structure takes more than 33 MiB");
  }

  @Test
  void namesCannotBreakTheLine() {
    WireWriter graph = new WireWriter().message(5, new WireWriter().integer(1, -5).text(8, "a\nb\u202e"));
    assertThatThrownBy(() -> read(new WireWriter().message(7, graph))).hasMessageMatching("\\P{Cntrl}+")
        .hasMessageContaining("tensor 'a\\u000ab\\u202e' of -5 has dimensions that are negative");
  }

  @Test
  void missingFilesAndFoldersAreNamed() throws IOException {
    assertThatThrownBy(() -> OnnxFile.open(folder.resolve("no.onnx"))).hasMessage(folder.resolve("no.onnx") + ": no such file");
    assertThatThrownBy(() -> OnnxFile.open(folder)).hasMessage(folder + ": is not a regular file");
    Files.createFile(folder.resolve("empty.onnx"));
    try (OnnxFile file = OnnxFile.open(folder.resolve("empty.onnx"))) {
      assertThatThrownBy(file::model).hasMessageContaining("there is no graph");
    }
  }

  /** A file of external data beside the model, of floats 0, 1, 2, 3. */
  private OnnxTensor external(Map<String, String> entries) throws IOException {
    WireWriter tensor = Samples.tensor(OnnxType.FLOAT, 2).integer(14, 1);
    entries.forEach((key, value) -> tensor.message(13, new WireWriter().text(1, key).text(2, value)));
    Path model = Files.createDirectories(folder.resolve("model")).resolve("m.pb");
    Files.write(model, Samples.bytes(tensor));
    byte[] floats = {0, 0, 0, 0, 0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40};
    Files.createDirectories(folder.resolve("model/data"));
    Files.write(folder.resolve("model/data/w.bin"), floats);
    Files.write(folder.resolve("outside.bin"), floats);
    Path link = folder.resolve("model/link.bin");
    if (!Files.exists(link)) {
      Files.createSymbolicLink(link, folder.resolve("outside.bin"));
    }
    try (OnnxFile file = OnnxFile.open(model)) {
      OnnxTensor read = file.tensor();
      return OnnxTensor.floats("t", Shape.of(2), read.floats(), 0);
    }
  }

  @Test
  void externalDataIsReadFromTheModelsFolderOnly() throws IOException {
    assertThat(external(Map.of("location", "data/w.bin", "offset", "4", "length", "8")).floats()).containsExactly(1, 2);
    assertThat(external(Map.of("location", "data/../data/w.bin")).floats()).containsExactly(0, 1);
    for (String outside : List.of("../outside.bin", "link.bin", folder.resolve("outside.bin").toString(), "", "/etc/passwd")) {
      assertThatThrownBy(() -> external(Map.of("location", outside))).as(outside).isInstanceOf(FoveaException.class)
          .hasMessageContaining("is outside the model's folder and is not read");
    }
    assertThatThrownBy(() -> external(Map.of("location", "none.bin")))
        .hasMessageContaining("there is no file 'none.bin' of external data");
    assertThatThrownBy(() -> external(Map.of("location", "data")))
        .hasMessageContaining("there is no file 'data' of external data");
    assertThatThrownBy(() -> external(Map.of("location", "data/w.bin", "offset", "12"))).hasMessageContaining("which has 16");
    assertThatThrownBy(() -> external(Map.of("location", "data/w.bin", "offset", "-4"))).hasMessageContaining("from byte -4 on");
    assertThatThrownBy(() -> external(Map.of("location", "data/w.bin", "length", "99")))
        .hasMessageContaining("external data has 99");
    assertThatThrownBy(() -> external(Map.of("location", "data/w.bin", "offset", "x"))).hasMessageContaining("is not a number");
  }

  /** Tensors without elements that can be read, as of an unknown type, may have any sizes. */
  @Test
  void tensorsOfAnOpenFileAreRefusedWithItsName() throws IOException {
    WireWriter large = new WireWriter().integer(1, 65536).integer(1, 65536).integer(2, 99).text(8, "large");
    WireWriter wide = new WireWriter().integer(1, 1L << 31).integer(2, 99).text(8, "wide");
    Path path = folder.resolve("m.onnx");
    Files.write(path, Samples.bytes(new WireWriter().message(7, new WireWriter().message(5, large).message(5, wide))));
    try (TensorFile file = new OnnxFormat().tensors(path)) {
      assertThatThrownBy(() -> file.shape("large")).isInstanceOf(FoveaException.class)
          .hasMessage(path + ": a tensor of 65536x65536 has more than 2^31 - 1 elements");
      assertThatThrownBy(() -> file.shape("wide")).isInstanceOf(FoveaException.class)
          .hasMessage(path + ": tensor 'wide' of 2147483648 has an axis of 2^31 or more, which is not supported");
      assertThatThrownBy(() -> file.readInto("wide", new float[1], 0)).isInstanceOf(FoveaException.class)
          .hasMessageStartingWith(path + ": tensor 'wide'");
    }
  }

  /** Its sizes, which were not compared with the file, are no memory to allocate. */
  @Test
  void tensorThatCannotBeReadIsNoShape() throws IOException {
    WireWriter type = new WireWriter().integer(1, 1).message(2, new WireWriter().message(1, new WireWriter().integer(1, 4)));
    WireWriter x = new WireWriter().text(1, "x").message(2, new WireWriter().message(1, type));
    WireWriter graph = new WireWriter()
        .message(1, new WireWriter().text(1, "x").text(1, "sizes").text(2, "y").text(4, "Expand"))
        .message(5, new WireWriter().integer(1, Integer.MAX_VALUE).integer(2, 99).text(8, "sizes"))
        .message(11, x).message(12, new WireWriter().text(1, "y"));
    Path path = folder.resolve("m.onnx");
    Files.write(path, Samples.bytes(new WireWriter().message(7, graph).message(8, new WireWriter().integer(2, 17))));
    assertThatThrownBy(() -> Onnx.read(path)).isInstanceOf(FoveaException.class)
        .hasMessage(path + ": node of 'y' (Expand): tensor 'sizes' of 2147483647 has elements of type 99, which is unknown");
  }

  /** What may be computed is in proportion to what the file holds, not to what it claims. */
  @Test
  void tensorThatCannotBeReadAllowsNoComputation() throws IOException {
    WireWriter graph = new WireWriter()
        .message(1, new WireWriter().text(1, "t").text(2, "zeros").text(4, "ConstantOfShape"))
        .message(1, new WireWriter().text(1, "zeros").text(2, "y").text(4, "EyeLike"))
        .message(5, new WireWriter().integer(1, Integer.MAX_VALUE).integer(2, 99).text(8, "claimed"))
        .message(5, Samples.tensor(OnnxType.INT64, 2).integers(7, List.of(8192L, 8192L)))
        .message(12, new WireWriter().text(1, "y"));
    Path path = folder.resolve("m.onnx");
    Files.write(path, Samples.bytes(new WireWriter().message(7, graph).message(8, new WireWriter().integer(2, 17))));
    assertThatThrownBy(() -> Onnx.read(path)).isInstanceOf(FoveaException.class)
        .hasMessage(path + ": node of 'y' (EyeLike): computes constants that are much larger than the file");
  }

  @Test
  void tensorsDoNotShareExternalData() throws IOException {
    WireWriter graph = new WireWriter();
    for (String offset : List.of("0", "4", "8")) {
      WireWriter tensor = Samples.tensor(OnnxType.FLOAT, 2).integer(14, 1);
      Map.of("location", "w.bin", "offset", offset)
          .forEach((key, value) -> tensor.message(13, new WireWriter().text(1, key).text(2, value)));
      graph.message(5, tensor);
    }
    Files.write(folder.resolve("m.onnx"), Samples.bytes(new WireWriter().message(7, graph)));
    Files.write(folder.resolve("w.bin"), new byte[16]);
    try (OnnxFile file = OnnxFile.open(folder.resolve("m.onnx"))) {
      assertThatThrownBy(file::model)
          .hasMessageContaining("tensors overlap in the external data 'w.bin', which has only 16 bytes");
    }
  }
}

package dev.fovea.formats.onnx.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxTensorTest {
  private static OnnxTensor read(WireWriter tensor) {
    return OnnxFile.of("t.pb", Samples.bytes(tensor)).tensor();
  }

  private static void refuses(WireWriter tensor, String words) {
    assertThatThrownBy(() -> read(tensor)).isInstanceOf(FoveaException.class).hasMessageContaining(words);
  }

  @Test
  void floatsOfEveryForm() {
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.FLOAT, 2), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0)).floats()).containsExactly(1,
        -2);
    assertThat(read(Samples.tensor(OnnxType.FLOAT, 2).floats(4, List.of(1f, -2f))).floats()).containsExactly(1, -2);
    assertThat(read(Samples.tensor(OnnxType.FLOAT, 2).float32(4, 1).float32(4, -2)).floats()).containsExactly(1, -2);
    WireWriter mixed =
        Samples.tensor(OnnxType.FLOAT, 4).floats(4, List.of(1f, -2f)).text(12, "between").float32(4, 3).floats(4, List.of(4f));
    assertThat(read(mixed).floats()).containsExactly(1, -2, 3, 4);
    float[] into = new float[4];
    read(mixed).floats(into, 0);
    assertThat(into).containsExactly(1, -2, 3, 4);
    assertThatThrownBy(() -> read(mixed).floats(into, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void doublesOfEveryForm() {
    byte[] raw = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putDouble(0.1).putDouble(1e300).array();
    WireWriter packed = Samples.tensor(OnnxType.DOUBLE, 2).body(10, 16, out -> out.write(raw));
    assertThat(read(packed).doubles()).containsExactly(0.1, 1e300);
    assertThat(read(packed).floats()).containsExactly(0.1f, Float.POSITIVE_INFINITY);
    assertThat(read(Samples.tensor(OnnxType.DOUBLE, 2).body(9, 16, out -> out.write(raw))).doubles()).containsExactly(0.1, 1e300);
  }

  @Test
  void integersOfEveryForm() {
    assertThat(read(Samples.tensor(OnnxType.INT64, 2).integers(7, List.of(-1L, 1L << 40))).longs()).containsExactly(-1, 1L << 40);
    assertThat(read(Samples.tensor(OnnxType.INT64, 1).integer(7, -7)).floats()).containsExactly(-7);
    assertThat(read(Samples.tensor(OnnxType.INT8, 2).integers(5, List.of(-1L, 255L))).longs()).containsExactly(-1, -1);
    assertThat(read(Samples.tensor(OnnxType.UINT8, 2).integers(5, List.of(1L, 255L))).longs()).containsExactly(1, 255);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.INT16, 1), 0xfe, 0xff)).longs()).containsExactly(-2);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.UINT16, 1), 0xfe, 0xff)).longs()).containsExactly(65534);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.UINT32, 1), 0xff, 0xff, 0xff, 0xff)).longs())
        .containsExactly(4294967295L);
    assertThat(read(Samples.tensor(OnnxType.UINT64, 1).integer(11, -1)).doubles()).containsExactly(0x1p64);
    assertThat(read(Samples.tensor(OnnxType.UINT64, 1).integer(11, -1)).floats()).containsExactly(0x1p64f);
    assertThat(read(Samples.tensor(OnnxType.BOOL, 3).integers(5, List.of(0L, 1L, 2L))).longs()).containsExactly(0, 1, 1);
    assertThatThrownBy(() -> read(Samples.tensor(OnnxType.FLOAT, 1).float32(4, 1)).longs())
        .hasMessage("tensor 't' of 1 must have integers, got FLOAT");
  }

  @Test
  void typesOfLessThanAByteArePackedLowBitsFirst() {
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.INT4, 3), 0x87, 0x01)).longs()).containsExactly(7, -8, 1);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.UINT4, 3), 0x87, 0x01)).longs()).containsExactly(7, 8, 1);
    assertThat(read(Samples.tensor(OnnxType.UINT4, 3).integers(5, List.of(0x87L, 0x01L))).floats()).containsExactly(7, 8, 1);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.INT2, 5), 0b11_10_01_00, 0b10)).longs()).containsExactly(0, 1, -2, -1,
        -2);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.FLOAT4E2M1, 4), 0x71, 0xa9)).floats()).containsExactly(0.5f, 6, -0.5f,
        -1);
    refuses(Samples.raw(Samples.tensor(OnnxType.INT4, 5), 1, 2), "needs 3 bytes of INT4, raw_data has 2");
  }

  @Test
  void smallFloatsAreExact() {
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.FLOAT16, 2), 0, 0x3c, 1, 0)).floats()).containsExactly(1, 0x1p-24f);
    assertThat(read(Samples.tensor(OnnxType.FLOAT16, 2).integers(5, List.of(0x3c00L, 0x8001L))).floats()).containsExactly(1,
        -0x1p-24f);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.BFLOAT16, 1), 0x80, 0x3f)).floats()).containsExactly(1);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.FLOAT8E4M3FN, 5), 0x38, 0x7e, 0x7f, 0x81, 0xff)).floats())
        .containsExactly(1, 448, Float.NaN, -0x1p-9f, Float.NaN);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.FLOAT8E4M3FNUZ, 3), 0x40, 0x7f, 0x80)).floats()).containsExactly(1, 240,
        Float.NaN);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.FLOAT8E5M2, 5), 0x3c, 0x7b, 0x7c, 0xfc, 0x7d)).floats())
        .containsExactly(1, 57344, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.FLOAT8E5M2FNUZ, 3), 0x40, 0x7f, 0x80)).floats()).containsExactly(1, 57344,
        Float.NaN);
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.FLOAT8E8M0, 3), 127, 0, 255)).floats()).containsExactly(1, 0x1p-127f,
        Float.NaN);
  }

  @Test
  void scalarsAndEmptyTensors() {
    assertThat(read(Samples.tensor(OnnxType.FLOAT).float32(4, 5)).floats()).containsExactly(5);
    assertThat(read(Samples.tensor(OnnxType.FLOAT, 0, 7)).floats()).isEmpty();
    assertThat(read(Samples.raw(Samples.tensor(OnnxType.INT64, 0))).longs()).isEmpty();
    assertThat(read(Samples.tensor(OnnxType.FLOAT, Long.MAX_VALUE, Long.MAX_VALUE, 0)).size()).isZero();
  }

  @Test
  void theElementsMustBeThere() {
    refuses(Samples.raw(Samples.tensor(OnnxType.FLOAT, 2), 1, 2, 3, 4), "tensor 't' of 2 needs 8 bytes of FLOAT, raw_data has 4");
    refuses(Samples.tensor(OnnxType.FLOAT, 3).floats(4, List.of(1f, 2f)), "needs 3 elements, float_data has 2");
    refuses(Samples.tensor(OnnxType.INT64, 1).integers(7, List.of(1L, 2L)), "needs 1 elements, int64_data has 2");
    refuses(Samples.tensor(OnnxType.INT64, 1).float32(4, 1), "has elements of type INT64 in float_data, which is for others");
    refuses(Samples.raw(Samples.tensor(OnnxType.FLOAT, 1).float32(4, 1), 1), "a tensor has both float_data and raw_data");
    refuses(Samples.tensor(OnnxType.FLOAT, 1).text(4, "12345"), "are no multiple of the 4 of a number");
    refuses(Samples.tensor(OnnxType.FLOAT, 1L << 32, 1L << 32), "dimensions that are negative or too large");
    refuses(Samples.tensor(OnnxType.FLOAT, 1L << 62), "has dimensions that are too large");
    refuses(Samples.tensor(OnnxType.FLOAT, -1), "dimensions that are negative or too large");
    refuses(Samples.tensor(OnnxType.FLOAT, 1).message(3, new WireWriter()), "a tensor in segments is not supported");
    refuses(Samples.tensor(OnnxType.FLOAT, 1).integer(14, 1), "external data");
  }

  @Test
  void elementsWithoutNumbersAreRefusedWhenTheyAreRead() {
    assertRefused(Samples.tensor(OnnxType.STRING, 1).text(6, "a"), "tensor 't' of 1 has strings, which are not supported");
    assertRefused(Samples.tensor(OnnxType.COMPLEX64, 1).floats(4, List.of(1f, 2f)),
        "tensor 't' of 1 has elements of type COMPLEX64");
    assertRefused(Samples.tensor(OnnxType.FLOAT, 4), "tensor 't' of 4 has no elements in the file");
    assertRefused(new WireWriter().integer(1, 1).integer(2, 99), "tensor of 1 has elements of type 99, which is unknown");
  }

  private static void assertRefused(WireWriter message, String words) {
    OnnxTensor tensor = read(message);
    assertThat(tensor.isReadable()).isFalse();
    assertThatThrownBy(tensor::floats).isInstanceOf(FoveaException.class).hasMessageContaining(words);
  }

  @Test
  void sparseInitializersAreRefusedByName() {
    WireWriter sparse =
        new WireWriter().message(1, Samples.tensor(OnnxType.FLOAT, 1).float32(4, 1)).integers(3, List.of(100L, 100L));
    OnnxModel model = OnnxFile.of("m", Samples.bytes(new WireWriter().message(7, new WireWriter().message(15, sparse)))).model();
    OnnxTensor tensor = model.graph().initializers().getFirst();
    assertThat(tensor.isReadable()).isFalse();
    assertThatThrownBy(tensor::floats).hasMessage("tensor 't' of 100x100 is sparse, which is not supported; store it dense");
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeKnowsItsNumber(OnnxType type) {
    assertThat(OnnxType.of(type.number())).isSameAs(type);
    assertThat(type.isFloat() && type.isInteger()).isFalse();
    assertThat(OnnxType.of(-1)).isSameAs(OnnxType.UNDEFINED);
  }
}

package dev.fovea.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Float8Test {
  private static final int[] BITS = {0, 1, 7, 8, 0x38, 0x3c, 0x7e, 0x7f, 0x80, 0x81, 0xc4, 0xff};

  /** The values that PyTorch 2.13 gives for these bits. */
  @ParameterizedTest
  @CsvSource({
      "E4M3, 0 0.001953125 0.013671875 0.015625 1 1.5 448 NaN -0 -0.001953125 -3 NaN",
      "E5M2, 0 1.52587890625e-05 0.0001068115234375 0.0001220703125 0.5 1 NaN NaN -0 -1.52587890625e-05 -4 NaN",
      "E4M3FNUZ, 0 0.0009765625 0.0068359375 0.0078125 0.5 0.75 224 240 NaN -0.0009765625 -1.5 -240",
      "E5M2FNUZ, 0 7.62939453125e-06 5.340576171875e-05 6.103515625e-05 0.25 0.5 49152 57344 NaN -7.62939453125e-06 -2 -57344",
      "E8M0, 5.877471754111438e-39 1.1754943508222875e-38 7.52316384526264e-37 1.504632769052528e-36 4.235164736271502e-22"
          + " 6.776263578034403e-21 0.5 1 2 4 5.902958103587057e+20 NaN"})
  void valuesAreThoseOfPyTorch(Float8 type, String expected) {
    String[] values = expected.split(" ", -1);
    for (int i = 0; i < BITS.length; i++) {
      assertThat(type.value((byte) BITS[i])).as("%s %02x", type, BITS[i]).isEqualTo(Float.valueOf(values[i]));
    }
  }

  @Test
  void tensorsOf8BitsAreReadFromSafetensors(@TempDir Path folder) throws Exception {
    byte[] header = "{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[2,2],\"data_offsets\":[0,4]}}".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header).put(new byte[] {0x38, 0x3c, 0, (byte) 0xc4});
    Path path = Files.write(folder.resolve("f8.safetensors"), bytes.array());
    try (SafeTensors file = SafeTensors.read(path)) {
      assertThat(file.isReadable("w")).isTrue();
      assertThat(file.shape("w")).isEqualTo(Shape.of(2, 2));
      assertThat(file.tensor("w").values()).containsExactly(1, 1.5f, 0, -3);
    }
  }
}

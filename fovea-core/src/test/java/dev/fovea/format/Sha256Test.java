package dev.fovea.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class Sha256Test {
  /** FIPS 180-2, appendix B.1. */
  @Test
  void theStandardsExample() {
    byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
    String expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertThat(Sha256.of(abc)).isEqualTo(expected);
    assertThat(new Sha256().bytes("xabcx".getBytes(StandardCharsets.US_ASCII), 1, 3).hex()).isEqualTo(expected);
  }

  @Test
  void listsThatDifferHaveDifferentBytes() {
    assertThat(new Sha256().texts(List.of("ab", "c")).hex()).isNotEqualTo(new Sha256().texts(List.of("a", "bc")).hex())
        .isNotEqualTo(new Sha256().texts(List.of("abc")).hex());
    assertThat(new Sha256().text("\u00FC").hex())
        .isEqualTo(new Sha256().number(2).bytes(new byte[] {(byte) 0xC3, (byte) 0xBC}).hex());
  }

  /** Longer than the buffer through which they go. */
  @Test
  void integersAreBigEndianAfterTheirNumber() {
    int[] values = IntStream.range(0, 10_000).map(i -> i * 1_000_003).toArray();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * values.length);
    bytes.asIntBuffer().put(values);
    assertThat(new Sha256().ints(values).hex()).isEqualTo(new Sha256().number(values.length).bytes(bytes.array()).hex());
    assertThat(new Sha256().ints(new int[0]).hex()).isEqualTo(new Sha256().number(0).hex());
  }
}

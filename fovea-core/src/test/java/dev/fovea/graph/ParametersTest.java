package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ParametersTest {
  private static final Graph NET = TinyNetworks.frozenAndIdle();

  @Test
  void trainableParametersComeFirst() {
    Parameters parameters = Parameters.zeros(NET);
    assertThat(parameters.entries())
        .containsExactly(
            new Parameters.Entry("fc.weight", Shape.of(2, 3), 0, true),
            new Parameters.Entry("fc.bias", Shape.of(2), 6, true),
            new Parameters.Entry("idle", Shape.of(4), 8, true),
            new Parameters.Entry("gain", Shape.of(3), 12, false));
    assertThat(parameters.trainableSize()).isEqualTo(12);
    assertThat(parameters.values()).hasSize(15).containsOnly(0f);
  }

  @Test
  void declaredParametersHaveOffsetsAndNoValues() {
    Parameters parameters = Parameters.declared(NET);
    assertThat(parameters.entries()).containsExactlyElementsOf(Parameters.zeros(NET).entries());
    assertThat(parameters.size()).isEqualTo(Parameters.zeros(NET).size()).isEqualTo(15);
    assertThat(parameters.values()).isEmpty();
  }

  @Test
  void namesFindTheirEntry() {
    Parameters parameters = Parameters.zeros(NET);
    assertThat(parameters.entry("gain").offset()).isEqualTo(12);
    assertThat(parameters.has("gain")).isTrue();
    assertThat(parameters.has("x")).isFalse();
    assertThatThrownBy(() -> parameters.entry("fc.wieght"))
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("no parameter is called fc.wieght");
  }

  @Test
  void initialValuesDependOnlyOnSeedAndName() {
    Parameters all = Parameters.initial(NET, 7);
    GraphBuilder g = new GraphBuilder();
    g.param("other", Shape.of(5), Init.he(5));
    g.param("idle", Shape.of(4), new Init.Normal(1));
    g.scope("fc", () -> g.param("weight", Shape.of(2, 3), Init.torch(3)));
    Parameters some = Parameters.initial(g.build(), 7);
    assertThat(part(some, "idle")).isEqualTo(part(all, "idle"));
    assertThat(part(some, "fc.weight")).isEqualTo(part(all, "fc.weight")).isNotEqualTo(new float[6]);
    assertThat(part(all, "gain")).containsExactly(2, 2, 2);
    assertThat(part(Parameters.initial(NET, 8), "idle")).isNotEqualTo(part(all, "idle"));
    assertThat(Parameters.initial(NET, 7).fingerprint()).isEqualTo(all.fingerprint());
  }

  @Test
  void fingerprintIsTheDigestOfAllBits() throws Exception {
    GraphBuilder g = new GraphBuilder();
    g.param("w", Shape.of(40_000), new Init.Normal(1)); // more than one chunk
    Parameters parameters = Parameters.initial(g.build(), 1);
    ByteBuffer bytes = ByteBuffer.allocate(4 * 40_000).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(parameters.values());
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    assertThat(parameters.fingerprint()).isEqualTo(digest);
    parameters.values()[39_999] = Math.nextUp(parameters.values()[39_999]);
    assertThat(parameters.fingerprint()).isNotEqualTo(digest);
  }

  @Test
  void fingerprintDistinguishesTheSignOfZero() {
    Parameters parameters = Parameters.zeros(NET);
    String zeros = parameters.fingerprint();
    parameters.values()[3] = -0f;
    assertThat(parameters.fingerprint()).isNotEqualTo(zeros);
  }

  @Test
  void versionGrowsWithEachChange() {
    Parameters parameters = Parameters.zeros(NET);
    long before = parameters.version();
    parameters.changed();
    assertThat(parameters.version()).isGreaterThan(before);
  }

  @Test
  void aGraphWithoutParametersHasNone() {
    GraphBuilder g = new GraphBuilder();
    g.output("x", g.input("x", Shape.of(1)));
    Parameters parameters = Parameters.initial(g.build(), 1);
    assertThat(parameters.values()).isEmpty();
    assertThat(parameters.fingerprint()).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }

  @Test
  void moreParametersThanAnArrayHoldsAreRefusedBeforeAllocation() {
    GraphBuilder g = new GraphBuilder();
    g.param("a", Shape.of(1 << 30), Init.he(1));
    g.param("b", Shape.of(1 << 30), Init.he(1));
    Graph graph = g.build();
    assertThatThrownBy(() -> Parameters.zeros(graph))
        .isInstanceOf(FoveaException.class)
        .hasMessage("a network of more than 2^31 parameters does not fit one array");
  }

  private static float[] part(Parameters parameters, String name) {
    Parameters.Entry entry = parameters.entry(name);
    return Arrays.copyOfRange(parameters.values(), entry.offset(), entry.offset() + entry.shape().size());
  }
}

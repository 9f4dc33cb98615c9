package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendsTest {
  private static final Backend FAST = new Named("vector", 20, false);
  private static final Backend PLAIN = new Named("scalar", 10, true);

  private static final List<String> WARM = new ArrayList<>();

  /** An engine that only has a name and records that it was warmed up. */
  private record Named(String name, int rank, boolean usable) implements Backend {
    @Override
    public void warmUp() {
      WARM.add(name);
    }

    @Override
    public String describe() {
      return usable ? name + " runs anywhere" : "the module jdk.incubator.vector is missing";
    }

    @Override
    public Program compile(Graph graph, Parameters parameters, int threads) {
      throw new UnsupportedOperationException(name);
    }
  }

  @Test
  void aMissingEngineErrorNamesTheArtifact() {
    assertThatThrownBy(() -> Backends.find(List.of(), ""))
        .isInstanceOf(FoveaException.class)
        .hasMessage("no engine is on the class path or module path: add the artifact dev.fovea:fovea-cpu");
  }

  @Test
  void theCoreHasNoEngine() {
    assertThat(Backends.all()).isEmpty();
    assertThatThrownBy(Backends::find).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("no engine is on the class path");
  }

  @Test
  void theFirstUsableEngineIsChosen() {
    assertThat(Backends.find(List.of(FAST, PLAIN), "")).isSameAs(PLAIN);
    assertThat(Backends.find(List.of(new Named("cuda", 30, true), PLAIN), "").name()).isEqualTo("cuda");
  }

  @Test
  void aForcedEngineIsChosenOrFails() {
    assertThat(Backends.find(List.of(new Named("cuda", 30, true), PLAIN), "scalar")).isSameAs(PLAIN);
    assertThatThrownBy(() -> Backends.find(List.of(FAST, PLAIN), "vector"))
        .isInstanceOf(FoveaException.class)
        .hasMessage("-Dfovea.backend=vector: the module jdk.incubator.vector is missing");
    assertThatThrownBy(() -> Backends.find(List.of(FAST, PLAIN), "cuda"))
        .isInstanceOf(FoveaException.class)
        .hasMessage("-Dfovea.backend=cuda: there is no such engine; available: vector, scalar");
  }

  @Test
  void theChosenEngineWarmsUp() {
    List<Backend> found = List.of(FAST, new Named("cuda", 15, true), PLAIN);
    for (String forced : List.of("", "scalar", "vector", "none")) {
      Backends.warmUp(found, forced);
    }
    assertThat(WARM).containsExactly("cuda", "scalar");
  }

  @Test
  void ifNoEngineCanRunTheBestReportsWhy() {
    assertThatThrownBy(() -> Backends.find(List.of(FAST), ""))
        .isInstanceOf(FoveaException.class)
        .hasMessage("no engine can run here: the module jdk.incubator.vector is missing");
  }
}

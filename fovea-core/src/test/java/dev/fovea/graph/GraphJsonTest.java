package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.testkit.OpCase;
import dev.fovea.testkit.OpCases;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphJsonTest {
  @Test
  void everyForwardGraphComesBackAsItWas() {
    for (OpCase c : OpCases.forward()) {
      Graph graph = c.graphWithParameters();
      assertThat(GraphJson.read(GraphJson.write(graph), "test")).as(c.name()).isEqualTo(graph);
    }
    for (Graph graph : List.of(TinyNets.convolutional(2), TinyNets.frozenAndIdle())) {
      assertThat(GraphJson.read(GraphJson.write(graph), "test")).isEqualTo(graph);
    }
  }

  @Test
  void gradientsAreNotStored() {
    Graph graph = Gradients.withGradients(TinyNets.frozenAndIdle(), "loss");
    assertThatThrownBy(() -> GraphJson.write(graph)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("only forward graphs are stored");
  }
}

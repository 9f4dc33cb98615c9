package dev.fovea.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Graph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Checks that engines agree bit for bit. */
public final class SameBits {
  private SameBits() {}

  /** Compares a case's result, and the gradients of its operands, with those of the first engine. */
  public static void check(OpCase c, BackendEngine first, List<BackendEngine> others) {
    List<Graph> graphs = new ArrayList<>(List.of(c.graph()));
    if (c.hasGradients()) {
      graphs.add(c.gradients());
    }
    if (c.hasGradients() && c.mayHaveParameters()) {
      graphs.add(c.gradientsWithParameters());
    }
    for (Graph graph : graphs) {
      Map<String, float[]> expected = first.floats(graph, c.values());
      for (BackendEngine other : others) {
        Map<String, float[]> got = other.floats(graph, c.values());
        expected.forEach(
            (name, values) -> assertThat(bits(got.getOrDefault(name, new float[0])))
                .as("%s of %s with %d threads", name, graph, other.threads())
                .isEqualTo(bits(values)));
      }
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}

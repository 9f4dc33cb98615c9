package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Parameters;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerStateTest {
  /** More than the limit of one thread, and not a multiple of the part size. */
  private static final int SIZE = (1 << 18) + 4321;

  private static Parameters parameters() {
    GraphBuilder g = new GraphBuilder();
    g.output("w", g.param("w", Shape.of(SIZE), new Init.Uniform(1)));
    Graph graph = g.build();
    return Parameters.initial(graph, 3);
  }

  /** Parts and threads must give the same as the optimizer on all parameters at once. */
  @ParameterizedTest
  @ValueSource(strings = {"sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad", "lars", "lion", "adabelief"})
  void sameBitsForAnyPartsAndThreads(String name) {
    Optimizer optimizer = Optimizer.named(name, 0.9, 1e-3);
    Parameters whole = parameters();
    float[][] slots = new float[optimizer.slots()][SIZE];
    float[] gradients = new float[SIZE];
    OptimizerState[] updates = {OptimizerState.of(optimizer, parameters(), 1), OptimizerState.of(optimizer, parameters(), 3)};
    for (int step = 0; step < 3; step++) {
      Rng random = Rng.of(step);
      for (int i = 0; i < SIZE; i++) {
        gradients[i] = random.uniform(i, -1, 1);
      }
      optimizer.step(whole.values(), gradients, new Optimizer.Span(0, SIZE), slots, 0.01, step);
      for (OptimizerState update : updates) {
        long before = update.parameters().version();
        update.step(gradients, 0.01, step);
        assertThat(update.parameters().version()).isNotEqualTo(before);
        assertThat(update.parameters().values()).isEqualTo(whole.values());
      }
    }
  }

  /** Each group's parameters as if they were alone, with their own optimizer and learning rate; frozen ones are not touched. */
  @ParameterizedTest
  @ValueSource(strings = {"sgd", "adamw", "lars", "lion"})
  void groups(String name) {
    GraphBuilder g = new GraphBuilder();
    for (String parameter : List.of("a", "b", "c", "d")) {
      g.output(parameter, g.param(parameter, Shape.of(7), new Init.Uniform(1)));
    }
    Parameters all = Parameters.initial(g.build(), 5);
    Map<String, ParameterGroup> groups = Map.of("a", ParameterGroup.ALL, "b", ParameterGroup.FROZEN, "c",
        new ParameterGroup(0.1, false, 0), "d", new ParameterGroup(1, true, 2));
    Optimizer optimizer = Optimizer.named(name, 0.9, 0.01);
    OptimizerState state = OptimizerState.of(optimizer, all, entry -> Objects.requireNonNull(groups.get(entry.name())), 1);
    float[] expected = all.values().clone();
    float[][] slots = new float[optimizer.slots()][expected.length];
    for (int step = 0; step < 4; step++) {
      Rng random = Rng.of(step);
      float[] gradients = new float[expected.length];
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] = random.uniform(i, -1, 1);
      }
      state.step(gradients, 0.1, step);
      optimizer.step(expected, gradients, new Optimizer.Span(0, 7), slots, 0.1, step);
      optimizer.weightDecay(0).step(expected, gradients, new Optimizer.Span(14, 21), slots, 0.1 * 0.1, step);
      if (step >= 2) {
        optimizer.step(expected, gradients, new Optimizer.Span(21, 28), slots, 0.1, step - 2);
      }
      assertThat(all.values()).isEqualTo(expected);
    }
  }
}

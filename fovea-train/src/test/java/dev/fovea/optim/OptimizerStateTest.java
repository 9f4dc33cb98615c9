package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Parameters;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
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
  @ValueSource(strings = {"sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad"})
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
}

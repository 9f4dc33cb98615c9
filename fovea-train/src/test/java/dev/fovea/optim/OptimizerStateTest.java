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
  /** More than go to one thread alone, and no multiple of a part. */
  private static final int SIZE = (1 << 18) + 4321;

  private static Parameters parameters() {
    GraphBuilder g = new GraphBuilder();
    g.output("w", g.param("w", Shape.of(SIZE), new Init.Uniform(1)));
    Graph graph = g.build();
    return Parameters.initial(graph, 3);
  }

  /** The optimizer on all numbers at once is what parts and threads must come to. */
  @ParameterizedTest
  @ValueSource(strings = {"sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad"})
  void partsAndThreadsCannotBeSeen(String name) {
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

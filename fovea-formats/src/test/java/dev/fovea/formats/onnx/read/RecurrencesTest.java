package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Recurrent layers against their equations in double, step by step. */
class RecurrencesTest {
  private static final int STEPS = 4;
  private static final int BATCH = 2;
  private static final int FEATURES = 3;
  private static final int SIZE = 5;

  /** Sums of eight products of values below 1 in float32, four steps long. */
  private static final double TOLERANCE = 1e-5;

  private static final float[] X = Nets.values("x", STEPS * BATCH * FEATURES);

  /** A layer of that many gates in both directions. */
  private static Nets layer(String type, int gates, Object... attributes) {
    return new Nets(14).input("x", STEPS, BATCH, FEATURES).weight("w", 2, gates * SIZE, FEATURES)
        .weight("r", 2, gates * SIZE, SIZE)
        .weight("b", 2, 2 * gates * SIZE).weight("h", 2, BATCH, SIZE)
        .node("y,last = " + type + " x w r b - h", attributes).output("y", "last");
  }

  /** The products of gate {@code k} at one step: of the input or of a state, with their bias. */
  private static double products(int gates, int direction, int k, boolean recurrent, double[] x, int from, int length) {
    String weight = recurrent ? "r" : "w";
    int rows = gates * SIZE;
    float[] w = Nets.values(weight, 2 * rows * length);
    double sum = Nets.values("b", 4 * rows)[direction * 2 * rows + (recurrent ? rows : 0) + k];
    for (int i = 0; i < length; i++) {
      sum += w[(direction * rows + k) * length + i] * x[from + i];
    }
    return sum;
  }

  private static double[] doubles(float[] values, int from, int count) {
    double[] doubles = new double[count];
    for (int i = 0; i < count; i++) {
      doubles[i] = values[from + i];
    }
    return doubles;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** The states of one direction and image, by position. */
  private static double[][] states(int gates, int direction, int image, boolean resetProduct) {
    double[][] states = new double[STEPS][];
    double[] h = doubles(Nets.values("h", 2 * BATCH * SIZE), (direction * BATCH + image) * SIZE, SIZE);
    double[] cell = new double[SIZE];
    for (int i = 0; i < STEPS; i++) {
      int at = direction == 0 ? i : STEPS - 1 - i;
      double[] x = doubles(X, (at * BATCH + image) * FEATURES, FEATURES);
      double[] before = h;
      double[] in = new double[gates * SIZE];
      double[] re = new double[gates * SIZE];
      for (int k = 0; k < gates * SIZE; k++) {
        in[k] = products(gates, direction, k, false, x, 0, FEATURES);
        re[k] = products(gates, direction, k, true, before, 0, SIZE);
      }
      h = new double[SIZE];
      double[] reset = new double[SIZE];
      for (int k = 0; k < SIZE && gates == 3; k++) {
        reset[k] = before[k] * sigmoid(in[SIZE + k] + re[SIZE + k]);
      }
      for (int k = 0; k < SIZE; k++) {
        switch (gates) {
          case 4 -> {
            cell[k] = sigmoid(in[2 * SIZE + k] + re[2 * SIZE + k]) * cell[k]
                + sigmoid(in[k] + re[k]) * Math.tanh(in[3 * SIZE + k] + re[3 * SIZE + k]);
            h[k] = sigmoid(in[SIZE + k] + re[SIZE + k]) * Math.tanh(cell[k]);
          }
          case 3 -> {
            double update = sigmoid(in[k] + re[k]);
            double product = resetProduct ? sigmoid(in[SIZE + k] + re[SIZE + k]) * re[2 * SIZE + k]
                : products(gates, direction, 2 * SIZE + k, true, reset, 0, SIZE);
            h[k] = (1 - update) * Math.tanh(in[2 * SIZE + k] + product) + update * before[k];
          }
          default -> h[k] = Math.tanh(in[k] + re[k]);
        }
      }
      states[at] = h;
    }
    return states;
  }

  private static void check(Nets net, int gates, boolean resetProduct) {
    Imported read = net.read();
    Map<String, float[]> outputs = OnnxCase.run(read.graph(), read.parameters(), Map.of("x", X));
    float[] y = Objects.requireNonNull(outputs.get("y"));
    float[] last = Objects.requireNonNull(outputs.get("last"));
    assertThat(read.graph().outputShape("y")).isEqualTo(Shape.of(STEPS, 2, BATCH, SIZE));
    for (int direction = 0; direction < 2; direction++) {
      for (int image = 0; image < BATCH; image++) {
        double[][] states = states(gates, direction, image, resetProduct);
        for (int i = 0; i < STEPS * SIZE; i++) {
          int position = i / SIZE;
          int at = ((position * 2 + direction) * BATCH + image) * SIZE + i % SIZE;
          assertThat((double) y[at]).isCloseTo(states[position][i % SIZE], within(TOLERANCE));
        }
        double[] end = states[direction == 0 ? STEPS - 1 : 0];
        for (int k = 0; k < SIZE; k++) {
          assertThat((double) last[(direction * BATCH + image) * SIZE + k]).isCloseTo(end[k], within(TOLERANCE));
        }
      }
    }
  }

  @Test
  void lstm() {
    check(layer("LSTM", 4, "hidden_size", SIZE, "direction", "bidirectional"), 4, false);
  }

  @Test
  void gruWhoseStateIsReset() {
    check(layer("GRU", 3, "hidden_size", SIZE, "direction", "bidirectional"), 3, false);
  }

  @Test
  void gruWhoseProductIsReset() {
    check(layer("GRU", 3, "hidden_size", SIZE, "direction", "bidirectional", "linear_before_reset", 1), 3, true);
  }

  @Test
  void plainRecurrence() {
    check(layer("RNN", 1, "hidden_size", SIZE, "direction", "bidirectional"), 1, false);
  }

  @Test
  void stepsAreFixedAndTheBatchIsFree() {
    Imported net = new Nets(14).input("x", "N", STEPS, FEATURES).weight("w", 1, 4 * SIZE, FEATURES).weight("r", 1, 4 * SIZE, SIZE)
        .node("y = LSTM x w r", "hidden_size", SIZE, "layout", 1).output("y").read();
    assertThat(Rewrite.withBatch(net.graph(), 7).outputShape("y")).isEqualTo(Shape.of(7, STEPS, 1, SIZE));
  }

  @Test
  void formsThatAreNotUnrolledAreRefused() {
    assertThatThrownBy(layer("GRU", 3, "hidden_size", SIZE, "direction", "bidirectional", "clip", 3f)::read)
        .isInstanceOf(FoveaException.class).hasMessageContaining("node 'n_y' (GRU): clipped gates");
    assertThatThrownBy(layer("LSTM", 4, "hidden_size", SIZE + 1, "direction", "bidirectional")::read)
        .isInstanceOf(FoveaException.class).hasMessageContaining("expects a weight of 2x24x3, got 2x20x3");
    assertThatThrownBy(new Nets(14).input("x", 9000, 1, 3).weight("w", 1, 5, 3).weight("r", 1, 5, 5)
        .node("y = RNN x w r", "hidden_size", 5).output("y")::read).isInstanceOf(FoveaException.class)
        .hasMessageContaining("needs 9000 steps; the recurrent layers of a file may need 8192 in all");
  }
}

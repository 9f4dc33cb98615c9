package dev.fovea.tutorial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.Shape;
import dev.fovea.tutorial.WorkedExample.Backward;
import dev.fovea.tutorial.WorkedExample.ChannelWindow;
import dev.fovea.tutorial.WorkedExample.Gradient;
import dev.fovea.tutorial.WorkedExample.Position;
import dev.fovea.tutorial.WorkedExample.Term;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Compares every value of the worked example with independent loops over arrays. */
class WorkedExampleTest {
  private static final int D = 3;
  private static final int H = 5;
  private static final int F = 3;
  private static final int K = 2;
  private static final int S = 2;
  private static final int P = 1;
  private static final int OUT = (H - F + 2 * P) / S + 1;

  private final WorkedExample example = WorkedExample.tutorial();
  private final double[][][] padded = new double[D][H + 2 * P][H + 2 * P];
  private final double[][][][] weights = new double[K][D][F][F];
  private final double[][][] upstream = new double[K][OUT][OUT];

  WorkedExampleTest() {
    for (int c = 0; c < D; c++) {
      for (int y = 0; y < H; y++) {
        for (int x = 0; x < H; x++) {
          padded[c][y + P][x + P] = example.input().values().get((c * H + y) * H + x);
        }
      }
      for (int k = 0; k < K; k++) {
        for (int u = 0; u < F * F; u++) {
          weights[k][c][u / F][u % F] = example.filters().values().get((k * D + c) * F * F + u);
        }
      }
    }
    for (int i = 0; i < K * OUT * OUT; i++) {
      upstream[i / (OUT * OUT)][i / OUT % OUT][i % OUT] = example.upstream().values().get(i);
    }
  }

  @Test
  void exampleHasTheTutorialsSizesAndValues() {
    assertThat(example.input().shape()).isEqualTo(Shape.of(1, D, H, H));
    assertThat(example.filters().shape()).isEqualTo(Shape.of(K, D, F, F));
    assertThat(example.filters().shape().size()).as("D * F * F * K weights").isEqualTo(54);
    assertThat(example.biases().values()).containsExactly(1.0, 0.0);
    assertThat(example.input().values()).allMatch(v -> v == 0 || v == 1 || v == 2).contains(0.0, 1.0, 2.0);
    assertThat(example.filters().values()).allMatch(v -> v == -1 || v == 0 || v == 1).contains(-1.0, 0.0, 1.0);
    assertThat(List.of(example.rows(), example.columns(), example.count())).containsExactly(OUT, OUT, K);
    assertThat(OUT).isEqualTo(3);
  }

  @Test
  void everyOutputIsTheSumOfItsProductsAndItsBias() {
    List<Position> positions = example.forward().positions();
    assertThat(positions).hasSize(K * OUT * OUT);
    for (int n = 0; n < positions.size(); n++) {
      Position p = positions.get(n);
      int k = n / (OUT * OUT);
      int i = n / OUT % OUT;
      int j = n % OUT;
      assertThat(List.of(p.filter(), p.row(), p.column(), p.top(), p.left())).containsExactly(k, i, j, i * S - P, j * S - P);
      double sum = k == 0 ? 1 : 0;
      for (int c = 0; c < D; c++) {
        sum += check(p.channels().get(c), k, c, i, j);
      }
      assertThat(p.value()).as("output[%d][%d][%d]", k, i, j).isEqualTo(sum);
      assertThat(example.forward().output().at(0, k, i, j)).isEqualTo(sum);
    }
  }

  private double check(ChannelWindow window, int k, int c, int i, int j) {
    double sum = 0;
    assertThat(window.channel()).isEqualTo(c);
    assertThat(window.terms()).hasSize(F * F);
    for (int u = 0; u < F * F; u++) {
      double x = padded[c][i * S + u / F][j * S + u % F];
      double w = weights[k][c][u / F][u % F];
      assertThat(window.terms().get(u)).isEqualTo(new Term(x, w));
      sum += x * w;
    }
    assertThat(window.sum()).isEqualTo(sum);
    return sum;
  }

  @Test
  void everyWeightGradientIsTheSumOfItsProducts() {
    double[][][][] dw = new double[K][D][F][F];
    forEachProduct((k, i, j, c, u, v) -> dw[k][c][u][v] += upstream[k][i][j] * padded[c][i * S + u][j * S + v]);
    List<Gradient> gradients = example.backward().filters();
    assertThat(gradients).hasSize(K * D * F * F);
    for (int n = 0; n < gradients.size(); n++) {
      Gradient g = gradients.get(n);
      int u = n / F % F;
      int v = n % F;
      int c = n / (F * F) % D;
      int k = n / (F * F * D);
      assertThat(g.indices()).containsExactly(k, c, u, v);
      assertThat(g.value()).as("dW%s", g.indices()).isEqualTo(dw[k][c][u][v]);
      assertThat(g.terms()).hasSize(OUT * OUT);
      for (int o = 0; o < OUT * OUT; o++) {
        assertThat(g.terms().get(o))
            .isEqualTo(new Term(upstream[k][o / OUT][o % OUT], padded[c][o / OUT * S + u][o % OUT * S + v]));
      }
    }
  }

  @Test
  void everyInputGradientIsTheSumOverItsWindows() {
    double[][][] dx = new double[D][H + 2 * P][H + 2 * P];
    int[][][] seen = new int[D][H + 2 * P][H + 2 * P];
    forEachProduct((k, i, j, c, u, v) -> {
      dx[c][i * S + u][j * S + v] += upstream[k][i][j] * weights[k][c][u][v];
      seen[c][i * S + u][j * S + v]++;
    });
    List<Gradient> gradients = example.backward().input();
    assertThat(gradients).hasSize(D * H * H);
    for (int n = 0; n < gradients.size(); n++) {
      Gradient g = gradients.get(n);
      int y = n / H % H;
      int x = n % H;
      int c = n / (H * H);
      assertThat(g.indices()).containsExactly(c, y, x);
      assertThat(g.value()).as("dX%s", g.indices()).isEqualTo(dx[c][y + P][x + P]);
      assertThat(g.terms()).hasSize(seen[c][y + P][x + P]);
      assertThat(g.terms().stream().mapToDouble(Term::product).sum()).isEqualTo(g.value());
    }
  }

  @Test
  void everyBiasGradientIsTheSumOfItsMap() {
    Backward backward = example.backward();
    assertThat(backward.biases()).hasSize(K);
    for (int k = 0; k < K; k++) {
      double sum = 0;
      for (double[] row : upstream[k]) {
        for (double dy : row) {
          sum += dy;
        }
      }
      assertThat(backward.biases().get(k).value()).isEqualTo(sum);
    }
  }

  @Test
  void textFitsInto100Columns() {
    String all = WorkedExampleText.convolution(example) + WorkedExampleText.backpropagation(example);
    assertThat(all.lines()).allMatch(line -> line.length() <= 100);
    assertThat(all).isASCII();
  }

  @Test
  void theTextShowsTheSumOfEachOutput() {
    String text = WorkedExampleText.convolution(example);
    assertThat(text).contains("Ho = (H - F + 2P) / S + 1 = (5 - 3 + 2*1) / 2 + 1 = 3", "D*F*F*K = 3*3*3*2 = 54");
    assertThat(text)
        .contains(
            """
            output[0][1][1]: filter 0 over rows 1 to 3, columns 1 to 3
              channel 0                      |  channel 1                      |  channel 2
              1  0  0 *  1  0 -1 =  1  0  0  |  0  1  0 *  0 -1  1 =  0 -1  0  |  1  2  0 *  1  1  0 =  1  2  0
              2  1  2 *  0  1  1 =  0  1  2  |  2  0  1 *  1  0  0 =  2  0  0  |  2  0  1 *  0 -1  0 =  0  0  0
              1  0  2 * -1  0  1 = -1  0  2  |  0  2  1 * -1  1  0 =  0  2  0  |  0  1  0 *  1  0 -1 =  0  0  0
              sum = 5 + 3 + 3 + bias 1 = 12
            """);
    assertThat(IntStream.range(0, K * OUT * OUT)).allMatch(
        n -> text.contains("output[" + n / (OUT * OUT) + "][" + n / OUT % OUT + "][" + n % OUT + "]: filter"));
  }

  @Test
  void theTextShowsTheTermsOfEachGradient() {
    String text = WorkedExampleText.backpropagation(example);
    assertThat(text).contains("\ndW[0][0][1][1] = 1*1 + 0*2 + -1*0 + 2*0 + 1*1 + 0*0 + 0*0 + -1*1 + 1*1 = 2\n");
    assertThat(text).contains("\ndX[0][0][3] = 0*1 + -1*0 + 1*(-1) + 1*(-1) = -2\n");
    assertThat(text).contains("\ndb[1] = 0 + 1 + 1 + (-1) + 0 + 2 + 1 + 0 + (-2) = 2\n");
    assertThat(text.lines().filter(l -> l.startsWith("dW["))).hasSize(K * D * F * F);
    assertThat(text.lines().filter(l -> l.startsWith("dX["))).hasSize(D * H * H);
  }

  @FunctionalInterface
  private interface Product {
    void visit(int k, int i, int j, int c, int u, int v);
  }

  private static void forEachProduct(Product product) {
    for (int k = 0; k < K; k++) {
      for (int i = 0; i < OUT; i++) {
        for (int j = 0; j < OUT; j++) {
          for (int c = 0; c < D; c++) {
            for (int u = 0; u < F; u++) {
              for (int v = 0; v < F; v++) {
                product.visit(k, i, j, c, u, v);
              }
            }
          }
        }
      }
    }
  }
}

package dev.fovea.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Tiny;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ProbeTest {
  private static void fill(Parameters parameters, String name, float value) {
    Parameters.Entry entry = parameters.entry(name);
    Arrays.fill(parameters.values(), entry.offset(), entry.offset() + entry.shape().size(), value);
    parameters.changed();
  }

  @Test
  void measuresGradientsAndChanges() {
    Parameters parameters = Tiny.model(1).parameters();
    ParameterProbe probe = new ParameterProbe(parameters);
    Parameters.Entry weight = parameters.entry("hidden.weight"); // 6 x 16
    fill(parameters, "hidden.weight", 0.5f);
    fill(parameters, "output.weight", 0);
    float[] gradients = new float[parameters.size()];
    Arrays.fill(gradients, weight.offset(), weight.offset() + 96, 2);
    probe.beginStep(gradients);
    fill(parameters, "hidden.weight", 0.75f);
    assertThat(of(probe.endStep(), "hidden.weight").moved()).as("the epoch began before").isNaN();
    probe.beginEpoch();
    fill(parameters, "hidden.weight", 1.5f);
    probe.beginStep(gradients);
    fill(parameters, "hidden.weight", 3);
    List<ParameterStatistics> all = probe.endStep();
    ParameterStatistics hidden = of(all, "hidden.weight");
    assertThat(hidden.gradient()).isCloseTo(2 * Math.sqrt(96), within(1e-6));
    assertThat(hidden.update()).isEqualTo(1);
    assertThat(hidden.moved()).isEqualTo(3);
    assertThat(hidden.isWeight()).isTrue();
    assertThat(of(all, "output.weight").update()).as("relative to nothing").isNaN();
    assertThat(of(all, "output.bias").isWeight()).isFalse();
  }

  private static ParameterStatistics of(List<ParameterStatistics> all, String name) {
    return all.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void countsUnitsThatAreZeroForAllImages() {
    Model model = Tiny.model(1);
    fill(model.parameters(), "hidden.weight", 0);
    fill(model.parameters(), "hidden.bias", 1);
    int bias = model.parameters().entry("hidden.bias").offset();
    model.parameters().values()[bias + 2] = -1;
    model.parameters().values()[bias + 5] = 0;
    PreprocessedDataset images = Tiny.images("some", 43).preprocessed(model.card().preprocessing());
    ReluProbe probe = new ReluProbe(model.graph(), model.parameters(), 8, 43, 1, new SharedWorkspace());
    assertThat(probe.run(images, ReluProbe.IMAGES)).containsExactly(new ReluStatistics("2", 6, 2, 40));
    assertThat(probe.run(images, 1)).containsExactly(new ReluStatistics("2", 6, 2, 8));
    // a unit that only the first image activates
    model.parameters().values()[bias + 5] = -1;
    model.parameters().changed();
    assertThat(probe.run(images, 1)).containsExactly(new ReluStatistics("2", 6, 2, 8));
  }

  /** {@code relu(x w)} and its square. */
  private static Graph graph() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(3, 2));
    Value w = g.param("w", Shape.of(2), new Init.Constant(0));
    Value y = g.op(new Op.Relu(), g.mul(x, w));
    g.output("y", g.op(new Op.Pow(2), y));
    return g.build();
  }

  private static Optional<NonFinite> find(float[] x, float w, long bytes) {
    Graph graph = graph();
    Parameters parameters = Parameters.zeros(graph);
    Arrays.fill(parameters.values(), w);
    Consumer<Workspace> fill = workspace -> {
      Workspace.Slot to = workspace.input("x");
      System.arraycopy(x, 0, to.array(), to.offset(), x.length);
    };
    return NonFinite.in(graph, new NonFinite.Pass(parameters, 1, new SharedWorkspace(), bytes, fill));
  }

  @Test
  void findsTheFirstValueThatIsNotFinite() {
    float[] small = {1, 2, 3, 4, 5, 6};
    float[] one = {1, 2, 1e30f, 4, 5, 6};
    float[] all = {1e30f, 2, 1e30f, 4, 5, 1e30f};
    float[] input = {1, 2, 3, Float.NaN, 5, 6};
    for (long bytes : new long[] {0, 1 << 20}) {
      assertThat(find(small, 2, bytes)).isEmpty();
      assertThat(find(small, Float.NaN, bytes)).contains(new NonFinite("parameter w", OptionalInt.empty()));
      assertThat(find(one, 2, bytes)).contains(new NonFinite("output of Pow", OptionalInt.of(1)));
      assertThat(find(all, 2, bytes)).contains(new NonFinite("output of Pow", OptionalInt.empty()));
      assertThat(find(one, 1e20f, bytes)).contains(new NonFinite("output of Mul", OptionalInt.of(1)));
      assertThat(find(input, 2, bytes)).contains(new NonFinite("input x", OptionalInt.of(1)));
    }
  }
}

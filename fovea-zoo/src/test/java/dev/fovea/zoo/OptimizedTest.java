package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Optimized;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptimizedTest {
  private static final Shape IMAGE = Shape.of(3, 7, 6);

  private static Model model(Layer layer) {
    Card card = new Card("net", List.of("a", "b", "c"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of());
    Model model = Model.create(layer, card, 11);
    // running statistics that do something
    Parameters parameters = model.parameters();
    for (Parameters.Entry entry : parameters.entries()) {
      if (entry.name().contains("running")) {
        for (int i = 0; i < entry.shape().size(); i++) {
          parameters.values()[entry.offset() + i] = 0.5f + Rng.of(4).at(entry.name()).uniform(i);
        }
      }
    }
    parameters.changed();
    return model;
  }

  @Test
  void theSameBitsWithFewerNodes() {
    Model model =
        model(Sequential.of(Conv2d.of(5, 3).padding(1).named("conv"), BatchNorm2d.standard().named("bn"), new Dropout(0.5),
            new Flatten(), Linear.of(3).named("fc")));
    Optimized optimized = Optimized.of(model);
    assertThat(optimized.changes()).containsExactly(
        "1 node without effect on inference removed",
        "1 batch normalisation folded into the convolution before it",
        "2 tensors computed in advance from parameters alone");
    assertThat(optimized.model().parameters().entries()).extracting(Parameters.Entry::name)
        .containsExactlyInAnyOrder("conv.weight", "conv.bias", "fc.weight", "fc.bias");
    assertThat(optimized.model().graph().nodes()).noneMatch(node -> node.op() instanceof Op.BatchNormalization);
    Tensor image = new Tensor(IMAGE.batch(2), new float[2 * IMAGE.size()]);
    for (int i = 0; i < image.values().length; i++) {
      image.values()[i] = Rng.of(5).uniform(i);
    }
    assertThat(optimized.model().run(image).values()).containsExactly(model.run(image).values());
  }

  @Test
  void nothingToDo() {
    Model model = model(Sequential.of(new Flatten(), Linear.of(3).named("fc")));
    Optimized optimized = Optimized.of(model);
    assertThat(optimized.changes()).isEmpty();
    assertThat(optimized.model().graph()).hasToString(model.graph().toString());
    assertThat(optimized.model().parameters().fingerprint()).isEqualTo(model.parameters().fingerprint());
  }

  /** Each sum reads the one before twice, so there are 2^60 paths to the parameter. */
  @Test
  void sharedOperandsAreVisitedOnce() {
    GraphBuilder g = new GraphBuilder();
    Value sum = g.param("p", Shape.of(1), new Init.Constant(1));
    for (int i = 0; i < 60; i++) {
      sum = g.add(sum, sum);
    }
    g.output("y", g.mul(g.input("x", Shape.of(1, 1)), sum));
    Graph graph = g.build();
    Model optimized = Optimized.of(new Model(graph, Parameters.initial(graph, 1), Card.of("doubled"))).model();
    assertThat(optimized.graph().params()).containsExactly(new Op.Param("weight", Shape.of(1), new Init.Constant(0), true));
    assertThat(optimized.run(new Tensor(Shape.of(1, 1), new float[] {3})).values()).containsExactly(3 * 0x1p60f);
  }
}

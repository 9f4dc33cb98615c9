package dev.fovea.docs;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.layer.Layer;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.LayerContract;
import org.junit.jupiter.api.Test;

/** The code of docs/add-a-layer.md. */
class LayerRecipeTest {

  /** x times its own sigmoid: Elfwing, Uchibe, Doya 2018 (arXiv 1702.03118). Keeps the shape. */
  record SiLu() implements Layer {
    @Override
    public Value apply(GraphBuilder g, Value x) {
      return g.op(new Op.Mul(), x, g.op(new Op.Sigmoid(), x));
    }
  }

  /** A learned factor for each channel of {@code [N, C, H, W]}. */
  record ChannelGain() implements Layer {
    @Override
    public Value apply(GraphBuilder g, Value x) {
      Value gain = g.param("gain", Shape.of(g.shape(x).dim(1), 1, 1), new Init.Constant(1));
      return g.op(new Op.Mul(), x, gain);
    }
  }

  @Test
  void newLayersKeepTheContract() {
    LayerContract.check(new SiLu(), Shape.of(2, 3, 5, 4), Shape.of(2, 3, 5, 4));
    LayerContract.check(new ChannelGain(), Shape.of(2, 3, 5, 4), Shape.of(2, 3, 5, 4));
  }

  @Test
  void theContractRefusesALayerThatBreaksIt() {
    assertThatCode(() -> LayerContract.check(new SiLu(), Shape.of(2, 3), Shape.of(2, 4)))
        .hasMessageContaining("expected 2x4, got 2x3");
  }
}

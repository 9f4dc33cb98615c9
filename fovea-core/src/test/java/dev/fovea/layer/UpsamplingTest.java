package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Parameters;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.LayerContract;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class UpsamplingTest {
  private static final Shape MAPS = Shape.of(2, 3, 4, 5);

  @Test
  void upsamplingAndCroppingKeepTheirContract() {
    LayerContract.check(ConvTranspose2d.of(2, 3), MAPS, Shape.of(2, 2, 6, 7));
    LayerContract.check(ConvTranspose2d.of(2, 4).stride(2).padding(1).bias(false), MAPS, Shape.of(2, 2, 8, 10));
    LayerContract.check(ConvTranspose2d.of(2, 3).stride(2).padding(1).extra(1), MAPS, Shape.of(2, 2, 8, 10));
    LayerContract.check(new ConvTranspose2d(6, Window.of(2).stride(2), 0, 3, true), MAPS, Shape.of(2, 6, 8, 10));
    LayerContract.check(new BilinearUpsample2d(4, 2, false), MAPS, Shape.of(2, 3, 10, 12));
    LayerContract.check(new BilinearUpsample2d(4, 2, true), MAPS, Shape.of(2, 3, 10, 12));
    LayerContract.check(Upsample.nearest(2), MAPS, Shape.of(2, 3, 8, 10));
    LayerContract.check(Upsample.bilinear(3), MAPS, Shape.of(2, 3, 12, 15));
    LayerContract.check(new ZeroPad2d(1, 2, 0, 3), MAPS, Shape.of(2, 3, 5, 10));
    LayerContract.check(new ZeroPadToEven(), MAPS, Shape.of(2, 3, 4, 6));
    LayerContract.check(new Crop2d(1, 2, 3, 2), MAPS, Shape.of(2, 3, 3, 2));
  }

  /** A linear ramp stays linear wherever both neighbours exist. */
  @Test
  void bilinearWeightsDoubleARampExactlyInside() {
    double[] x = new double[2 * 6 * 6];
    Arrays.setAll(x, i -> i < 36 ? i / 6 : 10 * (i % 6));
    double[] y = LayerRuns.run(new BilinearUpsample2d(4, 2, false), Shape.of(1, 2, 6, 6), x);
    for (int row = 2; row < 12; row++) {
      for (int column = 2; column < 12; column++) {
        assertThat(y[row * 14 + column]).isCloseTo((row - 1.5) / 2, within(1e-12));
        assertThat(y[196 + row * 14 + column]).isCloseTo(10 * (column - 1.5) / 2, within(1e-12));
      }
    }
  }

  @Test
  void bilinearWeightsAreFrozenUnlessTrained() {
    assertThat(Parameters.initial(LayerRuns.graph(new BilinearUpsample2d(4, 2, false), MAPS), 1).trainableSize()).isZero();
    Parameters trained = Parameters.initial(LayerRuns.graph(new BilinearUpsample2d(4, 2, true), MAPS), 1);
    assertThat(trained.trainableSize()).isEqualTo(3 * 3 * 16);
    assertThat(Arrays.copyOf(trained.values(), 4)).containsExactly(0.0625f, 0.1875f, 0.1875f, 0.0625f);
    assertThat(Arrays.copyOfRange(trained.values(), 16, 32)).containsOnly(0);
  }

  @Test
  void paddingAndCroppingUndoEachOther() {
    double[] x = LayerRuns.ramp(MAPS.size());
    Layer both = Sequential.of(new ZeroPad2d(1, 2, 3, 4), new Crop2d(1, 2, 4, 5));
    assertThat(LayerRuns.run(both, MAPS, x)).containsExactly(x);
  }

  @Test
  void theNearestPixelIsRepeated() {
    assertThat(LayerRuns.run(Upsample.nearest(2), Shape.of(1, 1, 1, 2), new double[] {3, 5}))
        .containsExactly(3, 3, 5, 5, 3, 3, 5, 5);
    assertThat(LayerRuns.run(Upsample.bilinear(2), Shape.of(1, 1, 1, 2), new double[] {3, 5}))
        .containsExactly(3, 3.5, 4.5, 5, 3, 3.5, 4.5, 5);
  }

  @Test
  void errorsNameTheLayerAndTheFix() {
    LayerRuns.refused(new ConvTranspose2d(4, Window.of(3), 0, 2, true).named("up"), MAPS,
        "up.ConvTranspose2d expects groups that divide 3 input and 4 output channels, got 2");
    LayerRuns.refused(ConvTranspose2d.of(4, 3).extra(1).named("up"), MAPS,
        "up: ConvTranspose expects extra rows from 0 to 0, got 1");
    LayerRuns.refused(ConvTranspose2d.of(4, 3).named("up"), Shape.of(2, 3), "up: ConvTranspose expects N x C x H x W, got 2x3");
    LayerRuns.refused(new BilinearUpsample2d(4, 2, false).named("up"), Shape.of(2, 3),
        "up: ConvTranspose expects N x C x H x W, got 2x3");
    LayerRuns.refused(Upsample.nearest(0).named("up"), MAPS, "up: Resize expects a scale of 1 or more");
    LayerRuns.refused(new Crop2d(2, 0, 3, 5).named("cut"), MAPS, "cut: Slice expects a range inside 0 to 4, got 2 to 5");
    LayerRuns.refused(new Crop2d(-1, 0, 3, 5).named("cut"), MAPS, "cut: Slice expects a range inside 0 to 4, got -1 to 2");
    LayerRuns.refused(new ZeroPad2d(0, 0, -1, 0).named("pad"), MAPS, "pad: Pad expects paddings from 0 to 32768, got 0 and -1");
  }
}

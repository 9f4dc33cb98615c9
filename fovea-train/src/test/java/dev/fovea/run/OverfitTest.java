package dev.fovea.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.Overfit;
import dev.fovea.train.Tiny;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverfitTest {
  private static final RunConfig.Training TRAINING = new RunConfig.Training(8, "sgd", 0.2, 0.9, 0, "constant", 0, 7, 1);

  private static Overfit overfit(RunConfig.Training training, int steps) {
    RunConfig config = new RunConfig("tiny", Tiny.config().options(), "tiny", 1, 0, training);
    return config.overfit(Tiny.model(7), Tiny.images("tiny:train", 43), steps, _ -> {});
  }

  @Test
  void trainableNetworkOverfitsItsBatch() {
    Overfit overfit = overfit(TRAINING, 60);
    assertThat(overfit.losses()).hasSize(60);
    assertThat(overfit.first()).isCloseTo(Math.log(3), within(0.5));
    assertThat(overfit.ratio()).isEqualTo(overfit.last() / overfit.first()).isLessThan(0.85);
  }

  @Test
  void untrainableNetworkKeepsItsLoss() {
    RunConfig.Training still = new RunConfig.Training(8, "sgd", 1e-9, 0.9, 0, "constant", 0, 7, 1);
    assertThat(overfit(still, 20).ratio()).isGreaterThan(0.95);
  }

  @Test
  void everyStepHasTheSameImages() {
    List<Double> heard = new ArrayList<>();
    Model model = Tiny.model(7);
    Overfit overfit = Tiny.config().overfit(model, Tiny.images("tiny:train", 43), 4, heard::add);
    assertThat(heard).isEqualTo(overfit.losses());
    assertThat(overfit(TRAINING, 4).losses()).isEqualTo(overfit(TRAINING, 4).losses());
    assertThat(model.parameters().fingerprint()).isNotEqualTo(Tiny.model(7).parameters().fingerprint());
  }

  @Test
  void batchNormalisationOfOneImageIsRefused() {
    Model model = Model.create(
        Sequential.of(new Flatten(), BatchNorm2d.standard().named("norm"), Linear.of(3)), Tiny.model(1).card(), 1);
    RunConfig config = new RunConfig("tiny", Map.of(), "tiny", 1, 0, TRAINING);
    assertThatThrownBy(() -> config.overfit(model, Tiny.images("one", 1), 2, _ -> {}))
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("norm: batch normalisation has one element per channel in a batch of 1");
  }

  @Test
  void nanLossIsReportedWithLearningRate() {
    RunConfig.Training wild = new RunConfig.Training(8, "sgd", 1e38, 0.9, 0, "constant", 0, 7, 1);
    assertThatThrownBy(() -> overfit(wild, 20))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("at a learning rate of 1.0E38, training has diverged");
  }
}

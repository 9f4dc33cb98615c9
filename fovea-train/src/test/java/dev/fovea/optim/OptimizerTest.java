package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import org.junit.jupiter.api.Test;

class OptimizerTest {
  @Test
  void untrainableParametersAreUnchanged() {
    for (String name : Optimizer.names()) {
      Optimizer optimizer = Optimizer.named(name, 0.9, 0.1);
      float[] before = ParityOptimTest.signed("w", 0);
      float[] weights = before.clone();
      optimizer.step(weights, ParityOptimTest.signed("g", 0), new Optimizer.Span(0, 4), new float[optimizer.slots()][4], 0.1, 0);
      for (int i = 0; i < weights.length; i++) {
        assertThat(weights[i] != before[i]).as("%s moves weight %d", name, i).isEqualTo(i < 4);
      }
    }
  }

  @Test
  void constantGradientKeepsCenteredRmsPropFinite() {
    RmsProp optimizer = RmsProp.standard().centered(true).alpha(0.1).momentum(0.5);
    float[][] slots = new float[optimizer.slots()][4];
    float[] weights = {1, 2, 3, 4};
    for (int step = 0; step < 100; step++) {
      optimizer.step(weights, new float[] {0.1f, 1e-3f, -0.7f, 0}, new Optimizer.Span(0, 4), slots, 1e-6, step);
    }
    assertThat(weights).doesNotContain(Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    assertThat(weights[3]).isEqualTo(4);
  }

  @Test
  void namedOptimizersAreThoseOfTheCommandLine() {
    assertThat(Optimizer.named("sgd", 0.9, 5e-4)).isEqualTo(Sgd.momentum(0.9).weightDecay(5e-4));
    assertThat(Optimizer.named("nesterov", 0.9, 0)).isEqualTo(Sgd.momentum(0.9).nesterov(true));
    assertThat(Optimizer.named("adam", 0.9, 0.1)).isEqualTo(Adam.standard().weightDecay(0.1));
    assertThat(Optimizer.named("adamw", 0.9, 0.1)).isEqualTo(AdamW.standard().weightDecay(0.1));
    assertThat(Optimizer.named("rmsprop", 0.5, 0.1)).isEqualTo(RmsProp.standard().momentum(0.5).weightDecay(0.1));
    assertThat(Optimizer.named("adagrad", 0.9, 0.1)).isEqualTo(Adagrad.standard().weightDecay(0.1));
    assertThatThrownBy(() -> Optimizer.named("adma", 0, 0)).isInstanceOf(FoveaException.class).hasMessageContaining("adam");
  }

  @Test
  void invalidSettingsAreRefused() {
    assertThatThrownBy(() -> Sgd.momentum(1)).hasMessage("momentum must be 0 or more and less than 1, got 1.0");
    assertThatThrownBy(() -> Sgd.plain().weightDecay(-1)).hasMessage("weight decay must be 0 or more, got -1.0");
    assertThatThrownBy(() -> Sgd.plain().nesterov(true)).hasMessageContaining("Nesterov");
    assertThatThrownBy(() -> Adam.standard().betas(0.9, Double.NaN)).hasMessageContaining("beta 2");
    assertThatThrownBy(() -> RmsProp.standard().alpha(1)).hasMessage("alpha must be 0 or more and less than 1, got 1.0");
    assertThatThrownBy(() -> RmsProp.standard().momentum(-0.1)).hasMessageContaining("momentum");
    assertThatThrownBy(() -> RmsProp.standard().epsilon(-1)).hasMessageContaining("epsilon");
    assertThatThrownBy(() -> Adagrad.standard().learningRateDecay(-1))
        .hasMessage("learning rate decay must be 0 or more, got -1.0");
    assertThatThrownBy(() -> Adagrad.standard().weightDecay(Double.NaN)).hasMessageContaining("weight decay");
  }

  @Test
  void descriptionHasEverySetting() {
    assertThat(RmsProp.standard().describe())
        .isEqualTo("RmsProp[alpha=0.99, epsilon=1.0E-8, momentum=0.0, centered=false, weightDecay=0.0]");
    assertThat(Adagrad.standard().describe()).isEqualTo("Adagrad[learningRateDecay=0.0, epsilon=1.0E-10, weightDecay=0.0]");
  }
}

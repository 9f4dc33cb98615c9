package dev.fovea.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.diagnose.Finding.Kind;
import dev.fovea.graph.Parameters;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.tensor.Shape;
import dev.fovea.train.DivergedException;
import dev.fovea.train.Trainer;
import dev.fovea.zoo.LeNet5;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs that are healthy say nothing, and runs that were made sick say what is wrong. */
@Tag("slow")
class SickRunsTest {
  private static final Split DIGITS = Datasets.open("digits:1200");

  private static Model model(Layer layer) {
    Preprocessing pixels = Preprocessing.of(Shape.of(1, 28, 28), Fit.INK).mean(0.1307f).std(0.3081f);
    return Model.create(layer, new Card("net", DIGITS.train().classes(), pixels, Map.of()), 1);
  }

  private static Model lenet() {
    return model(LeNet5.modern(10));
  }

  private static Trainer trainer(Model model, double learningRate) {
    return Trainer.of(model).optimizer(Sgd.momentum(0.9)).schedule(Schedule.constant(learningRate)).batchSize(32).epochs(2);
  }

  private static List<Finding> findings(Trainer trainer) {
    return findings(trainer, DIGITS.train());
  }

  private static List<Finding> findings(Trainer trainer, Dataset images) {
    List<Finding> found = new ArrayList<>();
    try {
      trainer.listen(new Diagnosis(found::add)).fit(images, DIGITS.validation());
    } catch (DivergedException e) {
      // the step after the one that was found
    }
    return found;
  }

  private static void scale(Model model, double factor) {
    for (Parameters.Entry entry : model.parameters().entries()) {
      for (int i = 0; i < entry.shape().size() && entry.shape().rank() > 1; i++) {
        model.parameters().values()[entry.offset() + i] *= (float) factor;
      }
    }
    model.parameters().changed();
  }

  @Test
  void healthyRunsSayNothing() {
    assertThat(findings(trainer(lenet(), 0.02).epochs(5))).isEmpty();
    assertThat(findings(trainer(lenet(), 0.03).schedule(Schedule.cosine(0.03)).epochs(3))).isEmpty();
    assertThat(findings(trainer(model(new LeNet5(10, LeNet5.modern(10).pooling(), Activation.SIGMOID)), 0.03).epochs(3)))
        .isEmpty();
  }

  @Test
  void biasesFarBelowZeroKillUnits() {
    Model model = lenet();
    Parameters.Entry bias = model.parameters().entry("conv2.bias");
    for (int i = 0; i < bias.shape().size(); i++) {
      model.parameters().values()[bias.offset() + i] = -100;
    }
    assertThat(findings(trainer(model, 0.02))).singleElement().satisfies(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.DEAD_RELU);
      assertThat(finding.message()).startsWith("step 1: 16 of 16 units of the ReLU 4 give 0 for all of 32 training images");
    });
  }

  @Test
  void learningRateThatIsTooLargeExplodesAtOnce() {
    assertThat(findings(trainer(lenet(), 1e4))).singleElement().satisfies(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.EXPLODING);
      assertThat(finding.message()).startsWith("step 1: one step changes ").contains("smaller learning rate");
    });
  }

  @Test
  void largeInitialWeightsExplode() {
    Model model = lenet();
    scale(model, 100);
    assertThat(findings(trainer(model, 0.02))).extracting(Finding::kind).startsWith(Kind.EXPLODING);
  }

  @Test
  void learningRateThatIsTooSmallChangesNothing() {
    assertThat(findings(trainer(lenet(), 1e-30))).singleElement().satisfies(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.NO_CHANGE);
      assertThat(finding.message()).startsWith("epoch 1: no weight has changed, steps at a learning rate of 1.0E-30");
    });
  }

  @Test
  void gradientsVanishBehindSmallWeightsAndManySigmoids() {
    Model model = lenet();
    scale(model, 1e-3);
    assertThat(findings(trainer(model, 0.02))).singleElement().satisfies(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.VANISHING);
      assertThat(finding.message()).contains("that of fc3.bias");
    });
    List<Layer> layers = new ArrayList<>(List.of(new Flatten()));
    for (int i = 0; i < 16; i++) {
      layers.add(Linear.of(16));
      layers.add(Activation.SIGMOID);
    }
    layers.add(Linear.of(10));
    Model deep = model(Sequential.of(layers.toArray(Layer[]::new)));
    assertThat(findings(trainer(deep, 0.02))).extracting(Finding::kind).containsExactly(Kind.VANISHING);
  }

  @Test
  void fewImagesAreOverfitted() {
    Dataset few = DIGITS.train().subset(IntStream.range(0, 30).toArray(), "few");
    assertThat(findings(trainer(lenet(), 0.02).epochs(40), few)).singleElement().satisfies(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.OVERFITTING);
      assertThat(finding.message()).contains("100.0 % of the training images correctly");
    });
  }
}

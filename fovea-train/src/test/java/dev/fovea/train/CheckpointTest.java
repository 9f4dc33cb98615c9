package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.format.SafeTensors;
import dev.fovea.graph.Parameters;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Model;
import dev.fovea.optim.Adagrad;
import dev.fovea.optim.Plateau;
import dev.fovea.optim.Schedule;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTest {
  private static final TrainState STATE =
      new TrainState(7, 1, 1.0 / 3, 5, 8, 8, 0.123, new TrainState.Best(1, 0.75, Math.nextUp(0.5)),
          new Plateau.State(0.25, 3, 1, 0.1));

  private final Parameters parameters = Tiny.model(1).parameters();
  private final float[][] slots = new float[1][parameters.trainableSize()];

  @TempDir
  Path folder;

  private Path file;

  @BeforeEach
  void write() {
    file = folder.resolve("step-7.safetensors");
    for (int i = 0; i < slots[0].length; i++) {
      slots[0][i] = i;
    }
    Checkpoint.of(Tiny.settings(), STATE, new Checkpoint.Arrays(parameters, slots)).write(file);
  }

  @Test
  void restoresEveryBit() {
    Parameters other = Tiny.model(2).parameters();
    float[][] otherSlots = new float[1][parameters.trainableSize()];
    long version = other.version();
    assertThat(Checkpoint.read(file).restore(Tiny.settings(), new Checkpoint.Arrays(other, otherSlots))).isEqualTo(STATE);
    assertThat(other.fingerprint()).isEqualTo(parameters.fingerprint());
    assertThat(other.version()).isGreaterThan(version);
    assertThat(otherSlots[0]).isEqualTo(slots[0]);
  }

  @Test
  void isASafetensorsFileWithPlainNames() {
    try (SafeTensors tensors = SafeTensors.read(file)) {
      assertThat(tensors.names()).contains("parameters/hidden.weight", "slot0/output.bias");
      assertThat(tensors.metadata()).containsEntry("step", "7").containsEntry("setting: seed", "7");
    }
  }

  @Test
  void differentSettingIsReported() {
    Map<String, String> settings = Tiny.settings();
    settings.put("batch size", "32");
    assertRefused(settings, parameters, "was written with the batch size 8, this run has 32");
  }

  @Test
  void formerNamesInSettingsAreRead() {
    Map<String, String> former = Tiny.settings();
    former.put("schedule", "Warmup[then=Cosine[rate=0.2, floor=0.0], steps=3, startFactor=0.1]");
    former.put("optimizer", "Adagrad[rateDecay=0.5, epsilon=1.0E-10, weightDecay=0.0]");
    former.put("number of training pictures", "57");
    Checkpoint.of(former, STATE, new Checkpoint.Arrays(parameters, slots)).write(file);
    Map<String, String> present = Tiny.settings();
    present.put("schedule", Schedule.cosine(0.2).warmup(3, 0.1).describe());
    present.put("optimizer", Adagrad.standard().learningRateDecay(0.5).describe());
    present.put("number of training images", "57");
    assertThat(Checkpoint.read(file).restore(present, new Checkpoint.Arrays(parameters, slots))).isEqualTo(STATE);
    present.put("schedule", Schedule.cosine(0.3).warmup(3, 0.1).describe());
    assertRefused(present, parameters, "was written with the schedule Warmup[then=Cosine[rate=0.2, floor=0.0]");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "Constant[rate=0.1] | Constant[learningRate=0.1]",
      "Step[rate=0.1, gamma=0.5, every=7] | Step[learningRate=0.1, gamma=0.5, stepSize=7]",
      "OneCycle[rate=0.1, pctStart=0.3] | OneCycle[learningRate=0.1, pctStart=0.3]",
      "Sgd[momentum=0.9, dampening=0.0] | Sgd[momentum=0.9, dampening=0.0]"
  })
  void formerNamesAreReplaced(String former, String present) {
    assertThat(Checkpoint.renamed(former)).isEqualTo(present);
    assertThat(Checkpoint.renamed(present)).isEqualTo(present);
  }

  @Test
  void otherNetworkIsRefusedAndUnchanged() {
    Model other = Model.create(Sequential.of(new Flatten(), Linear.of(3).named("output")), Shape.of(1, 4, 4), 1);
    String before = other.parameters().fingerprint();
    assertRefused(Tiny.settings(), other.parameters(), "expected parameters/output.weight of 3x16, got 3x6");
    assertThat(other.parameters().fingerprint()).isEqualTo(before);
  }

  private void assertRefused(Map<String, String> settings, Parameters to, String message) {
    Checkpoint checkpoint = Checkpoint.read(file);
    assertThatThrownBy(() -> checkpoint.restore(settings, new Checkpoint.Arrays(to, new float[1][to.trainableSize()])))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void truncatedFileIsRefusedAtEveryLength() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += 41) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertDamaged("cut at " + length);
    }
  }

  @Test
  void singleBitFlipIsDetected() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < whole.length; i += 19) {
      byte[] flipped = whole.clone();
      flipped[i] ^= (byte) (1 << i % 8);
      Files.write(file, flipped);
      try {
        // A space in the header may become another white space, which has the same meaning; all else must be detected.
        assertThat(Checkpoint.read(file).restore(Tiny.settings(),
            new Checkpoint.Arrays(Tiny.model(2).parameters(), new float[1][slots[0].length])))
            .isEqualTo(STATE);
      } catch (FoveaException e) {
        assertThat(e).hasMessageContaining(file.toString());
      }
    }
  }

  @Test
  void otherSafetensorsFileIsRefused() {
    SafeTensors.write(file, Map.of(), Map.of("format", "pt"));
    assertThatThrownBy(() -> Checkpoint.read(file))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("is not a valid checkpoint");
  }

  @Test
  void unreachableStateIsRefused() {
    TrainingPlan plan = new TrainingPlan(
        new TrainingSettings(Loss.CROSS_ENTROPY).with(s -> {
          s.batchSize = 8;
          s.epochs = 3;
        }),
        43);
    assertThat(plan.checked(STATE)).isSameAs(STATE);
    for (long step : new long[] {5, 13, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> plan.checked(new TrainState(step, 1, 0, 0, 0, 0, 0, TrainState.Best.NONE, Plateau.State.START)))
          .isInstanceOf(FoveaException.class)
          .hasMessageContaining(String.valueOf(step));
    }
  }

  private void assertDamaged(String how) {
    assertThatThrownBy(() -> Checkpoint.read(file))
        .as(how)
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining(file.toString());
  }
}

package dev.fovea.train;

import dev.fovea.augment.Augmentation;
import dev.fovea.data.Sampling;
import dev.fovea.graph.Parameters;
import dev.fovea.optim.GradientClipping;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.ParameterGroup;
import dev.fovea.optim.Plateau;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.optim.WeightAveraging;
import dev.fovea.tensor.FoveaException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The settings that, with the data, determine every bit of a run's result. They change in copies only, {@link #with}. */
final class TrainingSettings implements Cloneable {
  Loss loss;
  Optimizer optimizer = Sgd.momentum(0.9);
  Schedule schedule = Schedule.constant(0.01);
  Optional<Plateau> plateau = Optional.empty();
  Augmentation augmentation = Augmentation.NONE;
  FineTuning fineTuning = FineTuning.NONE;
  GradientClipping clipping = GradientClipping.NONE;
  WeightAveraging averaging = WeightAveraging.NONE;

  /** Whether weight decay applies to vectors too: to biases, and to the scales of normalisations. */
  boolean decaysVectors = true;

  Sampling sampling = Sampling.SHUFFLED;

  int batchSize = 64;

  /** The number of parts that a batch is computed in, one after the other. */
  int accumulation = 1;

  int epochs = 1;

  /** An upper bound besides the epochs; {@link Long#MAX_VALUE}: no limit. */
  long steps = Long.MAX_VALUE;

  /** The number of epochs without a better one after which the run ends; 0: it does not end early. */
  int patience;

  /** Of the images' order, of augmentation and of dropout; the initial parameters come with the model. */
  long seed = 1;

  TrainingSettings(Loss loss) {
    this.loss = loss;
  }

  /** A copy with a change. */
  TrainingSettings with(Consumer<TrainingSettings> change) {
    TrainingSettings copy = clone();
    change.accept(copy);
    copy.check();
    return copy;
  }

  private void check() {
    requireAtLeast(1, "batch size", batchSize);
    requireAtLeast(1, "epochs", epochs);
    requireAtLeast(1, "steps", steps);
    requireAtLeast(1, "parts of a batch", accumulation);
    requireAtLeast(0, "patience", patience);
  }

  private static void requireAtLeast(long least, String name, long value) {
    if (value < least) {
      throw new FoveaException(name + ": expected " + least + " or more, got " + value);
    }
  }

  /**
   * How a parameter is updated.
   *
   * @param steps per epoch
   */
  ParameterGroup group(Parameters.Entry entry, Map<String, FineTuning.Rate> rates, long steps) {
    FineTuning.Rate rate = rates.get(entry.name());
    if (rate == null || rate.since() < 0) {
      return ParameterGroup.FROZEN;
    }
    return new ParameterGroup(rate.factor(), decaysVectors || entry.shape().rank() > 1, rate.since() * steps);
  }

  /** Those that are not the default, by name, as text. */
  Map<String, String> describe() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("loss", loss.describe());
    text.put("optimizer", optimizer.describe());
    text.put("schedule", schedule.describe());
    text.put("augmentation", augmentation.toString());
    text.put("batch size", String.valueOf(batchSize));
    plateau.ifPresent(value -> text.put("plateau", value.toString()));
    put(text, "sampling", sampling, Sampling.SHUFFLED);
    put(text, "fine tuning", fineTuning, FineTuning.NONE);
    put(text, "clipping", clipping, GradientClipping.NONE);
    put(text, "averaging", averaging, WeightAveraging.NONE);
    put(text, "decays vectors", decaysVectors, true);
    put(text, "accumulation", accumulation, 1);
    put(text, "patience", patience, 0);
    text.put("seed", String.valueOf(seed));
    return text;
  }

  /** Puts a setting as text, unless it is the default. */
  static void put(Map<String, String> text, String name, Object value, Object otherwise) {
    if (!value.equals(otherwise)) {
      text.put(name, value.toString());
    }
  }

  @Override
  protected TrainingSettings clone() {
    try {
      return (TrainingSettings) super.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError("it is cloneable", e);
    }
  }
}

package dev.fovea.train;

import dev.fovea.optim.GradientClipping;
import dev.fovea.optim.WeightAveraging;
import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which parameters a run changes and how, besides the optimizer and the schedule, as options of a run.
 *
 * @param freeze patterns of parameters that do not change, {@link FineTuning#frozen}
 * @param bodyLearningRate of all but the last layer; 0: the same as the last layer's
 * @param unfreeze {@link FineTuning#unfreezing}
 * @param clipNorm the limit of the gradients' norm; 0: none
 * @param clipValue the limit of each gradient; 0: none
 * @param accumulate the number of parts that a batch is computed in
 * @param ema the decay of the exponential average of the weights; 0: none
 * @param swa the part of the run after which the weights of epochs are averaged; negative: none
 * @param decayVectors whether weight decay applies to biases and normalisations
 * @param patience epochs without a better one after which the run ends; 0: none
 */
public record UpdateSettings(List<String> freeze, double bodyLearningRate, int unfreeze, double clipNorm, double clipValue,
    int accumulate, double ema, double swa, boolean decayVectors, int patience) {
  /** All parameters change in the same way. */
  public static final UpdateSettings STANDARD = new UpdateSettings(List.of(), 0, 0, 0, 0, 1, 0, -1, true, 0);

  private static final String FREEZE = "freeze";
  private static final String BODY_LR = "body-lr";
  private static final String UNFREEZE = "unfreeze";
  private static final String CLIP_NORM = "clip-norm";
  private static final String CLIP_VALUE = "clip-value";
  private static final String ACCUMULATE = "accumulate";
  private static final String EMA = "ema";
  private static final String SWA = "swa";
  private static final String DECAY = "decay";
  private static final String MATRICES = "matrices";
  private static final String PATIENCE = "patience";

  public UpdateSettings {
    freeze = List.copyOf(freeze);
    if (clipNorm > 0 && clipValue > 0) {
      throw new FoveaException("gradients are clipped by norm or by value: choose one");
    }
    if (ema > 0 && swa >= 0) {
      throw new FoveaException("weights are averaged exponentially (ema) or equally (swa): choose one");
    }
    if (unfreeze > 0 && freeze.isEmpty()) {
      throw new FoveaException("unfreeze: nothing is frozen that could be unfrozen: give freeze as well, such as body");
    }
    if (patience < 0) {
      throw new FoveaException("patience: expected 0 epochs or more, got " + patience);
    }
  }

  /** The trainer with these settings. */
  public Trainer apply(Trainer trainer, double learningRate) {
    FineTuning tuning = new FineTuning(freeze, bodyLearningRate == 0 ? 1 : bodyLearningRate / learningRate, unfreeze);
    GradientClipping clipping = clipValue > 0 ? new GradientClipping(GradientClipping.Kind.VALUE, clipValue)
        : new GradientClipping(GradientClipping.Kind.NORM, clipNorm);
    WeightAveraging averaging =
        ema > 0 ? WeightAveraging.exponential(ema) : swa >= 0 ? WeightAveraging.equal(swa) : WeightAveraging.NONE;
    return trainer.fineTuning(tuning).clip(clipping).accumulate(accumulate).average(averaging).decaysVectors(decayVectors)
        .patience(patience);
  }

  /** As options of a run; defaults are left out. */
  public Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    TrainingSettings.put(options, FREEZE, String.join(",", freeze), "");
    TrainingSettings.put(options, BODY_LR, bodyLearningRate, 0.0);
    TrainingSettings.put(options, UNFREEZE, unfreeze, 0);
    TrainingSettings.put(options, CLIP_NORM, clipNorm, 0.0);
    TrainingSettings.put(options, CLIP_VALUE, clipValue, 0.0);
    TrainingSettings.put(options, ACCUMULATE, accumulate, 1);
    TrainingSettings.put(options, EMA, ema, 0.0);
    TrainingSettings.put(options, SWA, swa, -1.0);
    TrainingSettings.put(options, DECAY, decayVectors ? "all" : MATRICES, "all");
    TrainingSettings.put(options, PATIENCE, patience, 0);
    return options;
  }

  /** From a run's options, which may hold others. */
  public static UpdateSettings of(Map<String, String> options) {
    List<String> freeze = Arrays.stream(options.getOrDefault(FREEZE, "").split(",")).filter(text -> !text.isEmpty()).toList();
    return new UpdateSettings(freeze, number(options, BODY_LR, 0), (int) number(options, UNFREEZE, 0),
        number(options, CLIP_NORM, 0),
        number(options, CLIP_VALUE, 0), (int) number(options, ACCUMULATE, 1), number(options, EMA, 0), number(options, SWA, -1),
        !options.getOrDefault(DECAY, "all").equals(MATRICES), (int) number(options, PATIENCE, 0));
  }

  private static double number(Map<String, String> options, String name, double otherwise) {
    String text = options.get(name);
    return text == null ? otherwise : LossSettings.number(name, text);
  }
}

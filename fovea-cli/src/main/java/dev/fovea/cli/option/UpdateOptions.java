package dev.fovea.cli.option;

import dev.fovea.train.UpdateSettings;
import java.util.List;
import picocli.CommandLine.Option;

/** Which parameters training changes, and how. */
final class UpdateOptions {
  @Option(names = "--freeze", paramLabel = "PATTERN", split = ",",
      description = "Do not change the parameters of these names, as in features.*; body: all but the last layer. Where images are"
          + " not augmented, what the frozen part makes of them is computed once.")
  private List<String> freeze = List.of();

  @Option(names = "--body-lr", paramLabel = "X", converter = Converters.Positive.class,
      description = "The learning rate of all but the last layer. Default: --lr.")
  private double bodyLearningRate;

  @Option(names = "--unfreeze", paramLabel = "EPOCHS", converter = Converters.Count.class,
      description = "Begin to train the frozen layers after the first epoch, one after another from the last to the first, over"
          + " this number of epochs.")
  private int unfreeze;

  @Option(names = "--clip-norm", paramLabel = "X", converter = Converters.Positive.class,
      description = "Scale the gradients of a step so that their norm is at most X.")
  private double clipNorm;

  @Option(names = "--clip-value", paramLabel = "X", converter = Converters.Positive.class,
      description = "Limit each gradient to -X to X.")
  private double clipValue;

  @Option(names = "--accumulate", paramLabel = "N", converter = Converters.Count.class,
      description = "Compute each batch in N parts, which takes less memory. Default: 1.")
  private int accumulate = 1;

  @Option(names = "--ema", paramLabel = "DECAY", converter = Converters.BelowOne.class,
      description = "Keep an exponential moving average of the weights, as in 0.999, and use it as the network.")
  private double ema;

  @Option(names = "--swa", paramLabel = "PART", converter = Converters.BelowOne.class,
      description = "Keep the mean of the weights after each epoch from this part of the run on, as in 0.75, and use it as the"
          + " network.")
  private double swa = -1;

  @Option(names = "--decay", paramLabel = "WHAT", converter = Converters.Decayed.class,
      description = "What weight decay applies to: all, or matrices, not biases and normalisations. Default: all.")
  private String decay = "all";

  @Option(names = "--patience", paramLabel = "EPOCHS", converter = Converters.Count.class,
      description = "Stop after this number of epochs without a better one. Default: never.")
  private int patience;

  UpdateSettings settings() {
    return new UpdateSettings(freeze, bodyLearningRate, unfreeze, clipNorm, clipValue, accumulate, ema, swa, decay.equals("all"),
        patience);
  }
}

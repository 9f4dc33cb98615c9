package dev.fovea.check;

import dev.fovea.data.CacheBudget;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Split;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.model.ProcessMemory;
import dev.fovea.model.Summary;
import dev.fovea.run.RunConfig;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.MemoryEstimate;
import dev.fovea.train.UpdateSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What a run of a network costs on this machine.
 *
 * @param name the network
 * @param input how an image becomes its input
 * @param parameters the number of those that training changes
 * @param peakBytes the estimated peak memory of the process, without images
 * @param imageBytes the memory of all images at the input size, if they are cached
 * @param steps of an epoch
 * @param totalSteps of the run
 * @param stepSeconds the measured time of a step, the median; empty if it was not measured
 */
public record NetworkCheck(String name, Preprocessing input, long parameters, long peakBytes, long imageBytes, long steps,
    long totalSteps,
    OptionalDouble stepSeconds, List<Finding> findings) {
  private static final int FIRST_STEPS = 4;
  private static final int MAX_STEPS = 200;
  private static final double SECONDS = 2;

  public NetworkCheck {
    findings = List.copyOf(findings);
  }

  /** @param damaged whether some images cannot be read, so that nothing is measured */
  static NetworkCheck of(RunConfig config, Model model, Split split, boolean damaged) {
    List<Finding> findings = new ArrayList<>();
    int batch = Math.min(config.training().batchSize(), split.train().size());
    int part = Math.max(1, Math.ceilDiv(batch, UpdateSettings.of(config.options()).accumulate()));
    long peak = 0;
    OptionalDouble seconds = OptionalDouble.empty();
    try {
      peak = MemoryEstimate.of(model.graph(), part).trainingPeakBytes();
      if (!damaged) {
        config.balance(split.train()); // refuses data that have nothing to balance
        seconds = measured(config, model, split);
      }
    } catch (FoveaException e) {
      findings.add(Finding.error(String.valueOf(e.getMessage())));
    }
    List<PreprocessedDataset> parts = preprocessed(config, model, split);
    parts.stream().filter(PreprocessedDataset::isDecodedAgain).forEach(images -> findings.add(Finding.warning(images.name()
        + ": at the input size these images take more than what is left of half of the memory, so they are decoded again in each"
        + " epoch (-Xmx raises the memory)")));
    long cached = parts.stream().mapToLong(PreprocessedDataset::cachedBytes).sum();
    long heap = Runtime.getRuntime().maxMemory();
    if (peak + cached > heap) {
      findings.add(
          Finding.warning("training takes about " + ProcessMemory.mebibytes(peak + cached) + " with its images, the limit is "
              + ProcessMemory.mebibytes(heap) + " (-Xmx raises it)"));
    }
    return new NetworkCheck(model.card().network(), model.card().preprocessing(), Summary.of(model.graph()).trainable(), peak,
        cached,
        SettingsCheck.stepsPerEpoch(config, split.train().size()), SettingsCheck.totalSteps(config, split.train().size()),
        seconds,
        findings);
  }

  /** As training keeps them. */
  private static List<PreprocessedDataset> preprocessed(RunConfig config, Model model, Split split) {
    CacheBudget budget = new CacheBudget();
    Preprocessing input = model.card().preprocessing();
    PreprocessedDataset train = split.train().preprocessed(input);
    return Stream.concat(Stream.of(config.augmentation().resizes() ? train.uncropped() : train),
        Stream.concat(Stream.of(split.validation()), split.test().stream()).map(part -> part.preprocessed(input)))
        .map(budget::take).toList();
  }

  /** The median time of the later steps, when the code is compiled: of as many as two seconds allow, but at least of two. */
  private static OptionalDouble measured(RunConfig config, Model model, Split split) {
    double[] first = times(config, model, split, FIRST_STEPS);
    double estimate = first[first.length - 1];
    int more = (int) Math.min(MAX_STEPS, SECONDS / Math.max(1e-6, estimate));
    double[] times = more > 2 * FIRST_STEPS ? times(config, model, split, more) : first;
    double[] late = Arrays.copyOfRange(times, times.length / 2, times.length);
    Arrays.sort(late);
    return OptionalDouble.of(late[late.length / 2]);
  }

  /** Seconds from each step's loss to the next. */
  private static double[] times(RunConfig config, Model model, Split split, int steps) {
    long[] at = new long[steps];
    int[] next = {0};
    config.overfit(model, split.train(), steps, _ -> at[next[0]++] = System.nanoTime());
    double[] seconds = new double[steps - 1];
    for (int i = 1; i < steps; i++) {
      seconds[i - 1] = (at[i] - at[i - 1]) * 1e-9;
    }
    return seconds;
  }

  /** The measured time of an epoch's steps, without evaluation and without reading images. */
  public Optional<Double> epochSeconds() {
    return stepSeconds.isPresent() ? Optional.of(stepSeconds.getAsDouble() * steps) : Optional.empty();
  }
}

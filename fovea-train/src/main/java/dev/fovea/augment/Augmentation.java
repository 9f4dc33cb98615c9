package dev.fovea.augment;

import dev.fovea.data.Sample;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How training images are varied from epoch to epoch: transforms in their order, then mixing of the batch. The result for an image is a
 * function of the seed, the epoch and the image's index; that of mixing a function of the seed and the step.
 *
 * @param steps each at most once; if several mix, one of them is chosen for each batch
 */
public record Augmentation(List<Step> steps) {
  /** Images unchanged. */
  public static final Augmentation NONE = new Augmentation(List.of());

  private static final String NOTHING = "none";

  public Augmentation {
    steps = List.copyOf(steps);
    Set<String> names = new HashSet<>();
    for (Step step : steps) {
      if (!names.add(step.name())) {
        throw new FoveaException("augmentation: expected each step once, got " + step.name() + " twice: leave one out");
      }
    }
  }

  public static Augmentation of(Step... steps) {
    return new Augmentation(List.of(steps));
  }

  /**
   * Parses steps that are separated by commas, such as {@code flip,resized-crop(0.08..1)}, or {@code none}.
   *
   * @throws FoveaException if a step is unknown, given twice, or has other values than it may have
   */
  public static Augmentation parse(String text) {
    return text.strip().equals(NOTHING) ? NONE : new Augmentation(Steps.parse(text));
  }

  /** The names of the steps that {@link #parse} knows. */
  public static List<String> names() {
    return Steps.names();
  }

  /** Each of these steps alone, with values that suit photographs. */
  public static List<Augmentation> examples() {
    return Steps.examples().stream().map(Augmentation::parse).toList();
  }

  /** The key of the random numbers for an image in an epoch, from 0. */
  public static Rng random(long seed, int epoch, int index) {
    return Rng.of(seed).at("augment").at(epoch).at(index);
  }

  /** Whether images are cropped by a transform, so that they are not to be cropped before, see {@link Transform#resizes}. */
  public boolean resizes() {
    return steps.stream().anyMatch(step -> step instanceof Transform transform && transform.resizes());
  }

  /** Whether batches are mixed. */
  public boolean mixes() {
    return steps.stream().anyMatch(Mixing.class::isInstance);
  }

  /** Applies the transforms in their order; any thread may. */
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    Sample varied = sample;
    for (Step step : steps) {
      if (step instanceof Transform transform) {
        varied = transform.apply(varied, canvas, key(transform, random));
      }
    }
    return varied;
  }

  /** The image's own key for the two that were there before all others, so that runs of then keep their random numbers. */
  private static Rng key(Transform transform, Rng random) {
    return transform instanceof Flip || transform instanceof Crop ? random : random.at(transform.name());
  }

  /** Mixes a batch in place, see {@link Mixing#mix}; only if {@link #mixes}. */
  public Mixing.Mixed mix(float[] images, int offset, Shape batch, Rng random) {
    List<Mixing> all = steps.stream().filter(Mixing.class::isInstance).map(Mixing.class::cast).toList();
    Mixing chosen = all.get(random.at("choice").below(0, all.size()));
    return chosen.mix(images, offset, batch, random.at(chosen.name()));
  }

  /**
   * Refuses to mix images that have no labels as a whole.
   *
   * @param pixels whether pixels have labels
   * @throws FoveaException naming the step
   */
  public void requireImageLabels(Task task, boolean pixels) {
    if (!pixels && !(task instanceof Task.Numbers)) {
      return;
    }
    steps.stream().filter(Mixing.class::isInstance).findFirst().ifPresent(step -> {
      throw new FoveaException("augmentation: " + step.name()
          + " mixes the labels of whole images, here " + (pixels ? "each pixel has one" : "they have numbers")
          + ": leave it out");
    });
  }

  /** In the syntax of {@link #parse}. */
  @Override
  public String toString() {
    return steps.isEmpty() ? NOTHING : steps.stream().map(Step::toString).collect(Collectors.joining(","));
  }
}

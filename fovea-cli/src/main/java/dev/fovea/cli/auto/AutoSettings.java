package dev.fovea.cli.auto;

import dev.fovea.check.Survey;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.notation.Notation;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Chooses the settings of a run that are not given, by what its images are like and by the network that it starts from. How the numbers
 * were found is in {@code docs/experiments.md}.
 */
public final class AutoSettings {
  /** Seconds, of {@link Cost}, that a network is trained that begins with random weights, and one that is trained already. */
  private static final double TRAINING = 1200;

  private static final double FINE_TUNING = 900;

  /** A trained network that sees images less often is not trained as a whole. */
  private static final int FEW_EPOCHS = 8;

  /** It is trained for no more epochs than this, and no more steps than those, whichever is longer. */
  private static final int MAX_FINE_TUNING = 20;

  private static final int FINE_TUNING_STEPS = 1500;

  /** The number of images that a network that begins with random weights should see, repetitions among them. */
  private static final int SEEN = 200_000;

  private static final int MIN_EPOCHS = 15;
  private static final int MAX_EPOCHS = 200;

  private static final int BATCH = 32;
  private static final int SMALLEST = 28;
  private static final int[] SIDES = {224, 192, 160, 128, 96, 64, 48, 32, SMALLEST};
  private static final int LARGEST_FROM_NOTHING = 128;
  private static final int NARROWEST = 16;
  private static final int[] WIDTHS = {64, 48, 32};

  /** The share of images told from their mirrored ones above which mirroring changes what is seen. */
  private static final double TOLD = 0.6;

  /** The share, with its uncertainty, up to which images have no upper side. */
  private static final double NOT_TOLD = 0.57;

  /** Smaller images are no photographs that a network for those of a camera sees well. */
  private static final int SMALL = 48;

  private static final int IMBALANCE = 10;

  private final Survey survey;
  private final Given given;
  private final List<Choice> choices = new ArrayList<>();

  private AutoSettings(Survey survey, Given given) {
    this.survey = survey;
    this.given = given;
  }

  /**
   * The choices, in the order in which they were made.
   *
   * @param network if it is given
   * @param cached the trained networks that could be used without asking
   */
  public static List<Choice> of(Survey survey, Optional<Known> network, Supplier<List<Known>> cached, Given given) {
    AutoSettings settings = new AutoSettings(survey, given);
    Optional<Known> start = network.or(() -> settings.pretrained(cached));
    if (start.isEmpty()) {
      settings.fromNothing();
    } else if (start.get().trained()) {
      settings.fineTune(start.get());
    } else {
      settings.train(start.get());
    }
    return List.copyOf(settings.choices);
  }

  private void choose(String option, Object value, String reason, Object... values) {
    if (!given.has(option)) {
      String text =
          value instanceof Double number ? BigDecimal.valueOf(number).stripTrailingZeros().toPlainString() : value.toString();
      choices.add(new Choice(option, text, String.format(Locale.ROOT, reason, values)));
    }
  }

  /** How often the network can be trained on all images in that time. */
  private double passes(Known network, double seconds) {
    return seconds / (Cost.ofImage(network.graph()) * survey.images());
  }

  private int epochs(Known network, double seconds, int max) {
    double passes = passes(network, seconds);
    int epochs = (int) Math.clamp(passes, 1, max);
    choose("epochs", epochs, passes > max ? "more would hardly change it" : "what about %.0f minutes on two cores allow",
        seconds / 60);
    return epochs;
  }

  // ---- A network that is trained already

  /** The largest of the cached networks that there is time for, if the images are photographs. */
  private Optional<Known> pretrained(Supplier<List<Known>> cached) {
    if (survey.segments() || survey.handwriting() || survey.channels() != 3 || survey.side() < SMALL) {
      return Optional.empty();
    }
    Optional<Known> largest = cached.get().stream().filter(known -> known.input().dim(0) == 3 && affordable(known).isPresent())
        .max(Comparator.comparingDouble(known -> Cost.ofImage(known.graph())));
    largest
        .ifPresent(known -> choose("pretrained", known.name(), "it is in the cache, and has learnt from many other photographs"));
    return largest;
  }

  /** The network for the largest images with which there is time to train it as a whole; what it knows is of objects of a size. */
  private Optional<Known> affordable(Known network) {
    if (given.input().isPresent()) {
      return Optional.of(network);
    }
    int own = network.input().dim(1);
    Stream<Known> smaller =
        IntStream.of(SIDES).filter(side -> side < own && 2 * side >= own).mapToObj(network::at).flatMap(Optional::stream);
    return Stream.concat(Stream.of(network), smaller).filter(sized -> passes(sized, FINE_TUNING) >= FEW_EPOCHS).findFirst();
  }

  private void fineTune(Known network) {
    Optional<Known> affordable = affordable(network);
    if (affordable.isEmpty() || given.has("freeze")) {
      choose("freeze", "body",
          "to train all of %s on %,d images takes too long: the other layers than its last see each image once",
          network.name(), survey.images());
      balance(network);
      return;
    }
    Known sized = affordable.get();
    if (!sized.input().equals(network.input())) {
      choose("input", sized.input(), "with %s, that of %s, each image would be seen less than %d times", network.input(),
          network.name(), FEW_EPOCHS);
    }
    int epochs = epochs(sized, FINE_TUNING, Math.clamp(FINE_TUNING_STEPS / steps(), MAX_FINE_TUNING, MAX_EPOCHS));
    if (!given.has("optimizer") && !given.has("momentum")) {
      choose("optimizer", "adamw", "it needs no search for a learning rate that suits %s", network.name());
      choose("lr", 3e-4, "small steps keep what %s has learnt", network.name());
      choose("weight-decay", 0.01, "the usual of adamw");
    }
    batches();
    schedule(epochs, "its new last layer gives large gradients in the first epoch");
    augment(sized.input());
    smooth(network);
    balance(network);
  }

  private void batches() {
    choose("batch-size", BATCH, "small batches make more steps of %,d images", survey.images());
  }

  private int steps() {
    return Math.ceilDiv(survey.images(), given.batch().orElse(BATCH));
  }

  /** Warm-up is over an epoch, unless the run may have only one. */
  private void schedule(int epochs, String whyWarmUp) {
    choose("schedule", "cosine", "it ends with small steps, without a further setting");
    if (epochs > 1 && !given.has("epochs") && !given.has("steps")) {
      choose("warmup", steps(), whyWarmUp);
    }
  }

  // ---- A network with random weights

  private void train(Known network) {
    epochs(network, TRAINING, MAX_EPOCHS);
    augment(network.input());
    smooth(network);
    balance(network);
  }

  private void fromNothing() {
    if (survey.segments()) {
      choose("model", "fcn-small", "each pixel has a class");
      augment(true);
      return;
    }
    Known network = network();
    choose("model", network.name(),
        "no trained network is given: images of a side of %d are %s here, and few weights suit %,d images",
        survey.side(), network.input(), survey.images());
    int epochs = epochs(network, TRAINING, MAX_EPOCHS);
    batches();
    if (!given.has("optimizer")) {
      choose("lr", 0.05, "batch normalisation allows large steps");
      choose("weight-decay", 5e-4, "%,d images are few", survey.images());
    }
    schedule(epochs, "the first gradients are those of random weights");
    augment(network.input());
    smooth(network);
    balance(network);
  }

  /** The largest images, and then the most filters, that leave time to see enough images; or else the smallest. */
  private Known network() {
    int epochs = Math.clamp(SEEN / survey.images(), MIN_EPOCHS, MAX_EPOCHS);
    int largest = survey.handwriting() ? SMALLEST : Math.min(LARGEST_FROM_NOTHING, survey.side() * 9 / 8);
    List<Shape> inputs = given.input().map(List::of).orElseGet(() -> IntStream.of(SIDES)
        .filter(side -> side <= largest || side == SMALLEST).mapToObj(side -> Shape.of(survey.channels(), side, side)).toList());
    return inputs.stream().flatMap(input -> IntStream.of(WIDTHS).mapToObj(width -> plain(input, width)))
        .filter(plain -> passes(plain, TRAINING) >= epochs).findFirst()
        .orElseGet(() -> plain(inputs.getLast(), NARROWEST));
  }

  private Known plain(Shape input, int width) {
    String notation = new PlainNetwork(input, width).notation();
    return new Known(notation, false, input, size -> Model.graphOf(Notation.parse(notation).layer(survey.task().size()), size));
  }

  // ---- For all

  /** Whether its loss may be cross-entropy with options; that of a network with one output has none. */
  private boolean hasOptions(Known network) {
    return survey.task() instanceof Task.OneLabel && !survey.segments() && network.outputs() > 1 && !given.has("loss");
  }

  private void augment(Shape input) {
    augment(input.dim(1) < SMALL);
  }

  /** @param small whether images are so small that a part of one shows little */
  private void augment(boolean small) {
    if (survey.task() instanceof Task.Numbers) {
      choose("augment", "none", "numbers may say where something is or how large");
    } else if (survey.handwriting()) {
      choose("augment", "affine(10,translate=0.08,scale=0.9..1.1,shear=5)", "handwriting slants and varies in size");
    } else {
      StringJoiner steps = new StringJoiner(",");
      StringJoiner reasons = new StringJoiner("; ");
      if (!(survey.mirrored().interval().low() > TOLD)) {
        steps.add("flip");
        reasons
            .add(survey.mirrored().images() == 0 ? "images mirrored are likely to show the same, which these are too few to test"
                : "images look alike mirrored");
      }
      if (survey.upsideDown().interval().high() < NOT_TOLD) {
        steps.add("vertical-flip");
        reasons.add("and upside down");
      }
      steps.add(small ? "crop" : "resized-crop(0.35..1)");
      reasons.add(small ? "moved by a few pixels it is the same" : "a part of an image shows its class as well");
      choose("augment", steps, "%s", reasons);
    }
  }

  private void smooth(Known network) {
    if (hasOptions(network)) {
      choose("label-smoothing", 0.1, "some labels may be wrong");
    }
  }

  private void balance(Known network) {
    if (hasOptions(network) && !given.has("sampling") && survey.fewest() > 0 && survey.most() > IMBALANCE * survey.fewest()) {
      choose("class-weights", "balanced", "the rarest class has %,d images, the most frequent one %,d", survey.fewest(),
          survey.most());
    }
  }
}

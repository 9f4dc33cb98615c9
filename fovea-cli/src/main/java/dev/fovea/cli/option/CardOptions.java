package dev.fovea.cli.option;

import dev.fovea.format.FileNames;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What the file of a model from elsewhere does not say: the names of its classes, and how an image becomes its input. */
public final class CardOptions {
  private static final double MAX_PIXEL = 255;

  static final String BGR = "bgr";

  @Option(names = "--labels", paramLabel = "FILE", converter = Converters.File.class,
      description = "A text file with the names of the classes, one a line, in the order of the model's outputs.")
  private Optional<Path> labels = Optional.empty();

  @Option(names = "--scale", paramLabel = "X", converter = Converters.Positive.class,
      description = "What pixel values from 0 to 255 are multiplied by, 1 for networks that read 0 to 255. Default: as in the file,"
          + " else 1/255.")
  private Optional<Double> scale = Optional.empty();

  @Option(names = "--mean", paramLabel = "X", split = ",", converter = Converters.Real.class,
      description = "What is subtracted after --scale: one number, or one for each channel in the network's order, as in"
          + " 0.485,0.456,0.406. Default: as in the file, else 0; with --scale 0.")
  private List<Double> mean = List.of();

  @Option(names = "--std", paramLabel = "X", split = ",", converter = Converters.Positive.class,
      description = "What the difference is divided by, in the same form. Default: as in the file, else 1; with --scale 1.")
  private List<Double> std = List.of();

  @Option(names = "--channels", paramLabel = "ORDER", converter = Converters.Order.class,
      description = "The order of the colour channels, rgb or bgr. Default: rgb.")
  private Optional<String> channels = Optional.empty();

  @Option(names = "--resize", paramLabel = "N", converter = Converters.Count.class,
      description = "Resize an image's shorter side to N pixels, as in 256, and crop the centre. Default: stretch the image.")
  private Optional<Integer> resize = Optional.empty();

  @Option(names = "--crop", paramLabel = "N", converter = Converters.Count.class,
      description = "The side of the crop after --resize. Default: the size of the network's input.")
  private Optional<Integer> crop = Optional.empty();

  /** The model with what these options say. */
  public Model applied(Model model) {
    Model sized = crop.map(side -> cropped(model, side)).orElse(model);
    Card card = preprocessed(sized.card(), sized);
    if (labels.isEmpty()) {
      return card.equals(sized.card()) ? sized : sized.withCard(card);
    }
    List<String> names = FileNames.lines(labels.get());
    try {
      return sized.withCard(card.classes(names));
    } catch (FoveaException e) {
      throw new FoveaException("--labels " + labels.get() + ": " + e.getMessage(), e);
    }
  }

  private static Model cropped(Model model, int side) {
    Shape input = model.card().preprocessing().shape();
    Shape wanted = input.with(1, side).with(2, side);
    return wanted.equals(input) ? model : Networks.resized(model, wanted);
  }

  private Card preprocessed(Card card, Model model) {
    if (scale.isEmpty() && mean.isEmpty() && std.isEmpty() && channels.isEmpty() && resize.isEmpty() && crop.isEmpty()) {
      return card;
    }
    Preprocessing p = card.image().orElseThrow(() -> new FoveaException(card.network() + ": reads " + model.input()
        + ", no grey or colour image: leave out --mean, --std, --scale, --channels, --resize and --crop"));
    if (channels.isPresent()) {
      p = p.bgr(channels.get().equals(BGR));
    }
    if (resize.isPresent() || crop.isPresent()) {
      p = resize.isPresent() ? p.resize(resize.get()) : p.fit(Fit.CROP);
    }
    if (scale.isPresent()) {
      // A preprocessing's mean and std are of values from 0 to 1.
      double unit = scale.get() * MAX_PIXEL;
      p = p.mean(perChannel("--mean", mean.isEmpty() ? List.of(0.0) : mean, unit, p.channels()))
          .std(perChannel("--std", std.isEmpty() ? List.of(1.0) : std, unit, p.channels()));
    } else {
      p = mean.isEmpty() ? p : p.mean(perChannel("--mean", mean, 1, p.channels()));
      p = std.isEmpty() ? p : p.std(perChannel("--std", std, 1, p.channels()));
    }
    return card.preprocessing(p);
  }

  private static float[] perChannel(String option, List<Double> given, double unit, int channels) {
    List<Double> values = given.size() == 1 ? Collections.nCopies(channels, given.getFirst()) : given;
    if (values.size() != channels) {
      throw new UsageException(
          option + ": expected one number, or one for each of " + channels + " channels, got " + given.size());
    }
    float[] all = new float[channels];
    for (int c = 0; c < channels; c++) {
      all[c] = (float) (values.get(c) / unit);
    }
    return all;
  }

  /** What is assumed about the model since nothing says it, each with the options of {@code convert} that do, one line each. */
  public static List<String> assumptions(Card card) {
    List<String> lines = new ArrayList<>();
    Map<String, String> provenance = card.provenance();
    if (provenance.containsKey(Card.CLASSES)) {
      lines.add(
          String.format(Locale.ROOT, "classes: 0 to %d, %s (convert --labels)", card.classes().size() - 1,
              provenance.get(Card.CLASSES)));
    } else if (!card.task().isKnown()) {
      lines.add("classes: none; if the main output scores classes, name them (convert --labels)");
    }
    if (provenance.containsKey(Card.PREPROCESSING)) {
      lines.add(
          "preprocessing: " + provenance.get(Card.PREPROCESSING)
              + " (convert --mean, --std, --scale, --channels, --resize, --crop)");
    }
    return lines;
  }
}

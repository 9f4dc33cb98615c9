package dev.fovea.check;

import dev.fovea.data.SkippedFile;
import dev.fovea.data.Split;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is wrong with a data set. */
final class DataCheck {
  /** The ratio of the largest class to the smallest above which classes are called imbalanced. */
  private static final long IMBALANCE = 10;

  /** The part of the images above which a size is reported. */
  private static final double MANY = 0.5;

  /** The mean of the network's input, in stds, and the factor of its std, up to which the preprocessing suits. */
  private static final double MAX_MEAN = 0.75;

  private static final double MAX_STD = 2.5;

  private final List<Finding> findings = new ArrayList<>();

  private DataCheck() {}

  static List<Finding> of(Split split, List<Preflight.Part> parts, Duplicates duplicates, Optional<Preprocessing> input) {
    DataCheck check = new DataCheck();
    check.classes(split, parts.getFirst());
    parts.forEach(check::unreadable);
    check.duplicates(duplicates);
    input.ifPresent(preprocessing -> check.input(parts.getFirst(), preprocessing));
    return List.copyOf(check.findings);
  }

  private void warn(String format, Object... values) {
    findings.add(Finding.warning(String.format(Locale.ROOT, format, values)));
  }

  private void classes(Split split, Preflight.Part train) {
    try {
      split.warnings().forEach(text -> findings.add(Finding.warning(text)));
    } catch (FoveaException e) {
      findings.add(Finding.error(String.valueOf(e.getMessage())));
      return;
    }
    long most = train.labels().stream().mapToLong(Long::longValue).max().orElse(0);
    long fewest = train.labels().stream().mapToLong(Long::longValue).min().orElse(0);
    if (fewest > 0 && most > IMBALANCE * fewest) {
      warn("train: the classes are imbalanced, %,d %s of '%s' and %,d of '%s' (--class-weights weighs them)", fewest,
          split.train().segments() ? "pixels" : "images", name(split, train, fewest), most, name(split, train, most));
    }
  }

  private static String name(Split split, Preflight.Part part, long count) {
    return split.train().classes().get(part.labels().indexOf(count));
  }

  private void unreadable(Preflight.Part part) {
    if (!part.unreadable().isEmpty()) {
      findings.add(Finding.error(String.format(Locale.ROOT, "%s: %,d of %,d images cannot be read (%s); mend or remove them, or"
          + " leave them out with --skip-unreadable", part.name(), part.unreadable().size(), part.images(),
          SkippedFile.counts(part.unreadable()))));
    }
  }

  private void duplicates(Duplicates duplicates) {
    for (Duplicates.Leak leak : duplicates.leaks()) {
      warn("leakage from %s into %s, whose results are too good then: images equal to one in %s: %,d, others similar to one: %,d",
          leak.from(), leak.into(), leak.from(), leak.exact(), leak.near());
    }
    long contradictions = duplicates.exact().stream().filter(group -> group.labels() > 1).count();
    if (contradictions > 0) {
      warn("equal images have different labels in %s: at least one label of each is wrong", groups(contradictions));
    }
    if (!duplicates.exact().isEmpty()) {
      warn("%,d images are equal to another one, in %s", duplicates.exactImages(), groups(duplicates.exact().size()));
    }
  }

  static String groups(long count) {
    return String.format(Locale.ROOT, count == 1 ? "%,d group" : "%,d groups", count);
  }

  private void input(Preflight.Part train, Preprocessing input) {
    train.sizes().ifPresent(sizes -> {
      if (sizes.enlarged() >= MANY) {
        warn("%.0f %% of the training images are enlarged by more than %.0f for the input of %dx%d (the median image is %dx%d):"
            + " a smaller --input or another network is faster and loses nothing", 100 * sizes.enlarged(), ImageSizes.MAX_FACTOR,
            input.width(), input.height(), sizes.medianWidth(), sizes.medianHeight());
      }
      if (sizes.distorted() >= MANY) {
        warn("%.0f %% of the training images are distorted by more than %.1f, since they are stretched to %dx%d (the median image"
            + " is %dx%d): choose an --input of their shape", 100 * sizes.distorted(), ImageSizes.MAX_DISTORTION, input.width(),
            input.height(), sizes.medianWidth(), sizes.medianHeight());
      }
    });
    train.channels().filter(channels -> !suits(channels, input)).ifPresent(channels -> warn(
        "the preprocessing does not suit the images: their mean is %s and std %s, the network's %s and %s",
        numbers(channels.means()),
        numbers(channels.stds()), numbers(input.mean()), numbers(input.std())));
  }

  private static boolean suits(ChannelStatistics channels, Preprocessing input) {
    boolean suits = true;
    for (int c = 0; c < channels.means().size(); c++) {
      int of = input.bgr() ? channels.means().size() - 1 - c : c;
      double mean = (channels.means().get(c) - input.mean().get(of)) / input.std().get(of);
      double std = channels.stds().get(c) / input.std().get(of);
      suits &= Math.abs(mean) <= MAX_MEAN && std <= MAX_STD && std >= 1 / MAX_STD;
    }
    return suits;
  }

  static String numbers(List<? extends Number> values) {
    return String.join(",", values.stream().map(v -> String.format(Locale.ROOT, "%.3f", v.doubleValue())).toList());
  }
}

package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A data set in the parts that it brings itself; {@link #split} makes the others.
 *
 * @param train to learn from; where it has no parts, all of it
 * @param leftOut the files in its folders that are not read
 */
public record Parts(Dataset train, Optional<Dataset> validation, Optional<Dataset> test, List<LeftOut> leftOut) {
  public Parts {
    leftOut = List.copyOf(leftOut);
  }

  Parts(Dataset train, Optional<? extends Dataset> test) {
    this(train, Optional.empty(), test.map(Dataset.class::cast), List.of());
  }

  /** Holds out what it lacks: of a folder without parts the test images, of any without validation images those. */
  public Split split(DataOptions options) {
    if (train instanceof ImageFolder all && all.undivided()) {
      Parts tenths = all.tenths(options.messages());
      return new Parts(tenths.train, validation, tenths.test, leftOut).split(options);
    }
    Split split = validation.map(v -> new Split(train, v, test))
        .orElseGet(() -> Split.holdOut(train, test, options.validation(), options.seed()));
    return split.leftOut(leftOut);
  }

  /**
   * The same without the images that cannot be read, as if their files were not there. Each is read for that.
   *
   * @param messages hears what is left out
   * @throws FoveaException if a class, or all, would be left without a training image
   */
  Parts readable(Consumer<String> messages) {
    List<LeftOut> unreadable = new ArrayList<>();
    int images = train.size() + validation.map(Dataset::size).orElse(0) + test.map(Dataset::size).orElse(0);
    Dataset learned = readable(train, unreadable);
    requireClasses(learned);
    Optional<Dataset> validated = validation.map(v -> readable(v, unreadable)).filter(v -> v.size() > 0);
    Optional<Dataset> tested = test.map(t -> readable(t, unreadable)).filter(t -> t.size() > 0);
    if (!unreadable.isEmpty()) {
      LeftOut.lines(unreadable).forEach(messages);
      String counts = LeftOut.counts(unreadable);
      messages.accept(
          train.name() + ": " + unreadable.size() + " of " + images + " images cannot be read and are left out: " + counts);
    }
    unreadable.addAll(leftOut);
    return new Parts(learned, validated, tested, unreadable);
  }

  private static Dataset readable(Dataset part, List<LeftOut> unreadable) {
    return switch (part) {
      case ImageFolder images -> images.only(readable(part.size(), images::image, unreadable));
      case SegmentationFolder images -> images.only(readable(part.size(), images::labelled, unreadable));
      default -> part;
    };
  }

  private static int[] readable(int size, IntConsumer read, List<LeftOut> unreadable) {
    SortedMap<Integer, UnreadableImages> found = UnreadableImages.among(size, read, _ -> {});
    found.values().forEach(f -> unreadable.addAll(f.files()));
    return IntStream.range(0, size).filter(i -> !found.containsKey(i)).toArray();
  }

  private void requireClasses(Dataset readable) {
    if (readable.size() == 0) {
      throw new FoveaException(train.name() + ": none of its " + train.size() + " images can be read; give others");
    }
    if (!(readable instanceof ImageFolder)) {
      return;
    }
    int[] counts = ClassLabels.images(readable);
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] == 0) {
        throw new FoveaException(train.name() + ": none of the images of the class '" + FileNames.line(train.classes().get(c))
            + "' can be read; mend one, or remove its folder");
      }
    }
  }
}

package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A data set with the parts that it has; {@link #split} creates the missing ones.
 *
 * @param train the training images; the whole data set if it has no parts
 * @param skipped the files in its folders that are skipped
 */
public record DatasetParts(Dataset train, Optional<Dataset> validation, Optional<Dataset> test, List<SkippedFile> skipped) {
  public DatasetParts {
    skipped = List.copyOf(skipped);
  }

  DatasetParts(Dataset train, Optional<? extends Dataset> test) {
    this(train, Optional.empty(), test.map(Dataset.class::cast), List.of());
  }

  /** Holds out missing parts: test images of an image folder without parts, and validation images. */
  public Split split(DataOptions options) {
    if (train instanceof ImageFolder all && all.undivided()) {
      DatasetParts tenths = all.tenths(options.messages());
      return new DatasetParts(tenths.train, validation, tenths.test, skipped).split(options);
    }
    Split split = validation.map(v -> new Split(train, v, test))
        .orElseGet(() -> Split.holdOut(train, test, options.validation(), options.seed()));
    return standardised(split).skipped(skipped);
  }

  /** Numbers are standardised by the images that are trained on, those held out excluded. */
  private static Split standardised(Split split) {
    if (!(split.train() instanceof CsvDataset csv)) {
      return split;
    }
    CsvDataset train = csv.standardised();
    return new Split(train, like(train, split.validation()), split.test().map(part -> like(train, part)));
  }

  private static Dataset like(CsvDataset train, Dataset part) {
    return part instanceof CsvDataset csv ? csv.task(train.task()) : part;
  }

  /**
   * The same without the images that cannot be read, as if their files did not exist. Reads all images.
   *
   * @param messages receives what is skipped
   * @throws FoveaException if a class, or all, would be left without a training image
   */
  DatasetParts readable(Consumer<String> messages) {
    List<SkippedFile> unreadable = new ArrayList<>();
    int images = train.size() + validation.map(Dataset::size).orElse(0) + test.map(Dataset::size).orElse(0);
    Dataset readableTrain = readable(train, unreadable);
    requireClasses(readableTrain);
    Optional<Dataset> readableValidation = validation.map(v -> readable(v, unreadable)).filter(v -> v.size() > 0);
    Optional<Dataset> readableTest = test.map(t -> readable(t, unreadable)).filter(t -> t.size() > 0);
    if (!unreadable.isEmpty()) {
      SkippedFile.lines(unreadable).forEach(messages);
      String counts = SkippedFile.counts(unreadable);
      messages.accept(
          train.name() + ": " + unreadable.size() + " of " + images + " images cannot be read and are skipped: " + counts);
    }
    unreadable.addAll(skipped);
    return new DatasetParts(readableTrain, readableValidation, readableTest, unreadable);
  }

  private static Dataset readable(Dataset part, List<SkippedFile> unreadable) {
    return switch (part) {
      case ImageFolder images -> images.only(readable(part.size(), images::image, unreadable));
      case SegmentationFolder images -> images.only(readable(part.size(), images::labelled, unreadable));
      case TarShards images -> images.subset(readable(part.size(), images::image, unreadable), images.name());
      case CsvDataset images -> images.only(readable(part.size(), images::image, unreadable));
      default -> part;
    };
  }

  private static int[] readable(int size, IntConsumer read, List<SkippedFile> unreadable) {
    SortedMap<Integer, UnreadableImages> found = UnreadableImages.among(size, read, _ -> {});
    found.values().forEach(f -> unreadable.addAll(f.files()));
    return IntStream.range(0, size).filter(i -> !found.containsKey(i)).toArray();
  }

  private void requireClasses(Dataset readable) {
    if (readable.size() == 0) {
      throw new FoveaException(train.name() + ": none of its " + train.size() + " images can be read; use other images");
    }
    if (readable.segments() || !(readable.task() instanceof Task.OneLabel)) {
      return;
    }
    int[] all = LabelCounts.images(train);
    int[] counts = LabelCounts.images(readable);
    for (int c = 0; c < counts.length; c++) {
      if (all[c] > 0 && counts[c] == 0) {
        throw new FoveaException(train.name() + ": none of the images of the class '" + FileNames.line(train.classes().get(c))
            + "' can be read; fix one, or remove the class");
      }
    }
  }
}

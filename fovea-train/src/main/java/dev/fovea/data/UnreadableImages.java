package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.image.FileKind;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * Images of a data set, or their label maps, that cannot be read. Reading one image throws an exception for that one; code that
 * reads all images collects the exceptions in the set's order, so that the user can fix all files at once.
 */
public final class UnreadableImages extends FoveaException {
  private static final long serialVersionUID = 1L;

  private final transient List<SkippedFile> files;
  private final int images;

  private UnreadableImages(String message, List<SkippedFile> files, int images, Throwable cause) {
    super(message, cause);
    this.files = files;
    this.images = images;
  }

  /** One file, with the failure to read it. */
  static UnreadableImages of(Path file, FoveaException failure) {
    String reason = reason(file, failure);
    return of(new SkippedFile(file, kind(file, reason), reason), failure);
  }

  /** One file of a known kind. */
  static UnreadableImages of(Path file, String kind, FoveaException failure) {
    return of(new SkippedFile(file, kind, reason(file, failure)), failure);
  }

  private static UnreadableImages of(SkippedFile unread, FoveaException failure) {
    return new UnreadableImages(unread.toString(), List.of(unread), 0, failure);
  }

  private static String reason(Path file, FoveaException failure) {
    String message = String.valueOf(failure.getMessage());
    return Stream.of(file.toString(), FileNames.text(file)).map(name -> name + ": ").filter(message::startsWith).findFirst()
        .map(place -> message.substring(place.length())).orElse(message);
  }

  /** The kind of file if it is not an image, else the reason without its details. */
  private static String kind(Path file, String reason) {
    try {
      FileKind kind = FileKind.of(file);
      if (!kind.image()) {
        return kind.name();
      }
    } catch (FoveaException e) {
      // The reason covers that case.
    }
    return reason.split("[;:(]", 2)[0].strip();
  }

  /** Several merged into one; {@code images} is the number of images read. */
  public static UnreadableImages all(List<UnreadableImages> found, int images) {
    List<SkippedFile> files = new ArrayList<>();
    found.forEach(f -> files.addAll(f.files));
    if (files.size() == 1) {
      return found.getFirst();
    }
    String message = FileNames.text(files.getFirst().file()) + " and " + (files.size() - 1) + " more of " + images
        + " images cannot be read (" + SkippedFile.counts(files) + "); fix or remove them";
    return new UnreadableImages(message, List.copyOf(files), images, found.getFirst());
  }

  /** Reads {@code count} images on all processors, and returns those that cannot be read, by their index. */
  static SortedMap<Integer, UnreadableImages> among(int count, IntConsumer read, IntConsumer progress) {
    SortedMap<Integer, UnreadableImages> found = new ConcurrentSkipListMap<>();
    Parallel.loop(count, i -> {
      try {
        read.accept(i);
      } catch (UnreadableImages e) {
        found.put(i, e);
      }
    }, progress);
    return found;
  }

  /** Whether other images are left without these. */
  public boolean leaveOthers() {
    return files.size() != images;
  }

  /** Each with its reason. */
  public List<SkippedFile> files() {
    return files;
  }
}

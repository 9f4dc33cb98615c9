package dev.fovea.data;

import dev.fovea.format.FileNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A file in a data set's folders that is skipped.
 *
 * @param kind the kind of file, for counting: {@code WEBP}, {@code web page}, {@code empty}
 * @param reason why it is skipped, in one line
 */
public record SkippedFile(Path file, String kind, String reason) {
  private static final int MAX_LINES = 30;

  /** {@code 3 WEBP, 1 empty, 1 web page}: the most frequent first. */
  public static String counts(List<SkippedFile> files) {
    Map<String, Long> counts =
        files.stream().collect(Collectors.groupingBy(SkippedFile::kind, TreeMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .map(e -> e.getValue() + " " + e.getKey())
        .collect(Collectors.joining(", "));
  }

  /** A line for each of the first files, and a line with the number of further ones. */
  public static List<String> lines(List<SkippedFile> files) {
    Stream<String> more = files.size() > MAX_LINES ? Stream.of("and " + (files.size() - MAX_LINES) + " more") : Stream.of();
    return Stream.concat(files.stream().limit(MAX_LINES).map(SkippedFile::toString), more).toList();
  }

  /** The file and the reason. */
  @Override
  public String toString() {
    return FileNames.text(file) + ": " + reason;
  }
}

package dev.fovea.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A file of {@code api/}: the lines of the last release, marked {@code -} if they were removed since, and the lines that were
 * added, marked {@code +}.
 */
final class ApiFile {
  private static final String SAME = "  ";
  private static final String ADDED = "+ ";
  private static final String REMOVED = "- ";

  /** What is set in code, in backticks. */
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private ApiFile() {}

  /** The file of a release. */
  static String released(String module, SortedSet<String> api) {
    return text(module, api.stream().map(line -> SAME + line).toList());
  }

  /** The updated file, from the current one. */
  static String updated(String module, String file, SortedSet<String> api) {
    TreeMap<String, String> marks = new TreeMap<>();
    api.forEach(line -> marks.put(line, ADDED));
    released(file).forEach(line -> marks.put(line, api.contains(line) ? SAME : REMOVED));
    return text(module, marks.entrySet().stream().map(e -> e.getValue() + e.getKey()).toList());
  }

  private static String text(String module, List<String> lines) {
    return """
        # The public API of %s, checked and written by ApiTest (CONTRIBUTING.md). Since the last release:
        # lines with a plus have come, lines with a minus have gone.
        %s""".formatted(module, lines.stream().map(line -> line + "\n").collect(Collectors.joining()));
  }

  private static Set<String> released(String file) {
    Set<String> lines = new TreeSet<>(marked(file, SAME));
    lines.addAll(marked(file, REMOVED));
    return lines;
  }

  private static List<String> marked(String file, String mark) {
    return file.lines().filter(line -> line.startsWith(mark)).map(line -> line.substring(mark.length())).toList();
  }

  /** Lines of one that the other lacks, marks included. */
  static List<String> difference(String one, String other) {
    return one.lines().filter(line -> !line.startsWith("#") && other.lines().noneMatch(line::equals)).toList();
  }

  /** What breaks users: removed lines, and added methods that their own implementations lack. */
  static List<String> breaks(String file) {
    Set<String> released = released(file);
    List<String> breaks = new ArrayList<>(marked(file, REMOVED));
    marked(file, ADDED).stream()
        .filter(line -> line.contains(" abstract "))
        .filter(line -> released.stream().anyMatch(old -> old.startsWith(type(line) + " : ") && !old.contains(" sealed ")))
        .filter(line -> !line.startsWith(type(line) + " : "))
        .forEach(breaks::add);
    return breaks;
  }

  /** Breaks of types that the changelog does not name, in code, under the heading "Breaking" of its unreleased part. */
  static List<String> unannounced(String file, String changelog) {
    Set<String> named =
        CODE.matcher(part(part(changelog, "## Unreleased", "## "), "### Breaking", "### ")).results()
            .map(MatchResult::group)
            .flatMap(code -> Arrays.stream(code.split("\\W+", -1)))
            .collect(Collectors.toSet());
    return breaks(file).stream().filter(line -> !named.contains(type(line).substring(type(line).lastIndexOf('.') + 1))).toList();
  }

  /** The lines after a heading up to the next one like it. */
  private static String part(String page, String heading, String next) {
    return page.lines()
        .dropWhile(line -> !line.equals(heading))
        .skip(1)
        .takeWhile(line -> !line.startsWith(next))
        .collect(Collectors.joining("\n"));
  }

  private static String type(String line) {
    return line.substring(0, line.indexOf(' '));
  }
}

package dev.fovea.data;

import dev.fovea.format.FileNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Names to read for class folders, from a file {@code classes.txt}: in each line a folder, a tab or blanks, and its name, of which
 * what stands before the first comma is taken.
 */
final class FolderNames {
  private static final String FILE = "classes.txt";

  /** How many of the folders without a name are told. */
  private static final int TOLD = 3;

  private FolderNames() {}

  /** The names of {@code classes}, beside whose folders the file may lie; those that share a name, or have none, keep their own. */
  static List<String> of(Path folder, List<String> classes, Consumer<String> messages) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return classes;
    }
    Map<String, String> named = new HashMap<>();
    FileNames.lines(file).forEach(line -> read(line, classes, named));
    List<String> nameless = classes.stream().filter(c -> !named.containsKey(c)).toList();
    if (!nameless.isEmpty()) {
      messages.accept(FileNames.text(file) + ": names " + (classes.size() - nameless.size()) + " of " + classes.size()
          + " class folders, and not " + told(nameless) + "; expected in each line a folder, a tab and its name");
    }
    List<String> names = classes.stream().map(c -> named.getOrDefault(c, c)).toList();
    return IntStream.range(0, names.size())
        .mapToObj(i -> Collections.frequency(names, names.get(i)) == 1 ? names.get(i) : classes.get(i))
        .toList();
  }

  private static void read(String line, List<String> classes, Map<String, String> named) {
    int end = line.indexOf('\t') >= 0 ? line.indexOf('\t') : folderEnd(line, classes);
    // A folder alone is its own name.
    String name = end == line.length() ? line : FileNames.line(line.substring(end).split(",", 2)[0].strip());
    if (!name.isEmpty()) {
      named.put(line.substring(0, end).strip(), name);
    }
  }

  /** Where the folder at the line's beginning ends. A folder's own name may hold blanks, so the longest one counts. */
  private static int folderEnd(String line, List<String> classes) {
    return classes.stream()
        .filter(c -> line.startsWith(c) && (line.length() == c.length() || Character.isWhitespace(line.charAt(c.length()))))
        .mapToInt(String::length)
        .max()
        .orElse(line.length());
  }

  private static String told(List<String> nameless) {
    String some = FileNames.line(String.join(", ", nameless.subList(0, Math.min(TOLD, nameless.size()))));
    return nameless.size() > TOLD ? some + ", ..." : some;
  }
}

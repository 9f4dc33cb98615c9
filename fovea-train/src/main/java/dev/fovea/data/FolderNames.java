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
 * Readable names of class folders, from a file {@code classes.txt}: in each line a folder, a tab or blanks, and its name, which
 * ends at the first comma.
 */
final class FolderNames {
  static final String FILE = "classes.txt";

  /** The number of folders without a name that a message lists. */
  private static final int MAX_LISTED = 3;

  private FolderNames() {}

  /** The names of {@code classes}, if the file exists next to their folders; folders without a unique name keep their own. */
  static List<String> of(Path folder, List<String> classes, Consumer<String> messages) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return classes;
    }
    Map<String, String> named = new HashMap<>();
    FileNames.lines(file).forEach(line -> read(line, classes, named));
    List<String> unnamed = classes.stream().filter(c -> !named.containsKey(c)).toList();
    if (!unnamed.isEmpty()) {
      messages.accept(FileNames.text(file) + ": names " + (classes.size() - unnamed.size()) + " of " + classes.size()
          + " class folders, but not " + listed(unnamed) + "; expected in each line a folder, a tab and its name");
    }
    List<String> names = classes.stream().map(c -> named.getOrDefault(c, c)).toList();
    return unique(names, classes);
  }

  /** Names that occur twice are replaced by the folders', until none does: that of a folder may be another's name. */
  private static List<String> unique(List<String> names, List<String> classes) {
    List<String> unique = IntStream.range(0, names.size())
        .mapToObj(i -> Collections.frequency(names, names.get(i)) == 1 ? names.get(i) : classes.get(i))
        .toList();
    return unique.equals(names) ? names : unique(unique, classes);
  }

  private static void read(String line, List<String> classes, Map<String, String> named) {
    int end = line.indexOf('\t') >= 0 ? line.indexOf('\t') : folderEnd(line, classes);
    // Without a name, the folder is the name.
    String name = end == line.length() ? line : FileNames.line(line.substring(end).split(",", 2)[0].strip());
    if (!name.isEmpty()) {
      named.put(line.substring(0, end).strip(), name);
    }
  }

  /** The end of the folder at the beginning of the line. Folder names may contain blanks, so the longest match is used. */
  private static int folderEnd(String line, List<String> classes) {
    return classes.stream()
        .filter(c -> line.startsWith(c) && (line.length() == c.length() || Character.isWhitespace(line.charAt(c.length()))))
        .mapToInt(String::length)
        .max()
        .orElse(line.length());
  }

  private static String listed(List<String> unnamed) {
    String some = FileNames.line(String.join(", ", unnamed.subList(0, Math.min(MAX_LISTED, unnamed.size()))));
    return unnamed.size() > MAX_LISTED ? some + ", ..." : some;
  }
}

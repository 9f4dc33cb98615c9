package dev.fovea.docs;

import dev.fovea.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's own files: those at its root and in its folders, without build outputs and what users put beside them. */
final class ProjectFiles {
  private static final Pattern FOLDERS = Pattern.compile("fovea-\\w+|bench|bin|build|consumer|docs");

  private ProjectFiles() {}

  /** Sorted. */
  static List<Path> endingWith(String... endings) throws IOException {
    Path root = Cli.root();
    List<Path> files = new ArrayList<>();
    try (Stream<Path> entries = Files.list(root)) {
      for (Path entry : entries.toList()) {
        if (Files.isRegularFile(entry)) {
          files.add(entry);
        } else if (FOLDERS.matcher(entry.getFileName().toString()).matches()) {
          try (Stream<Path> tree = Files.walk(entry)) {
            tree.filter(file -> !root.relativize(file).toString().contains("/target/")).forEach(files::add);
          }
        }
      }
    }
    return files.stream().filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith)).sorted().toList();
  }
}

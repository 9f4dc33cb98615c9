package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The folders of a data set's parts, with common variants of their names: {@code Train}, {@code testing}, {@code val_set}. */
enum SplitFolder {
  TRAIN("train(ing)?", "train"),
  VALIDATION("val(id(ation)?)?", "val", "valid", "validation"),
  TEST("test(ing)?", "test");

  private final Pattern name;
  private final List<String> usual;

  SplitFolder(String name, String... usual) {
    this.name = Pattern.compile("(?i)" + name + "([-_ ]?(set|data|images))?");
    this.usual = List.of(usual);
  }

  /**
   * The folder of this part in {@code folder}, with the usual name or a variant of it; empty if there is none.
   *
   * @throws FoveaException if two folders have such a variant as name
   */
  Optional<Path> in(Path folder) {
    Optional<Path> found = usual.stream().map(folder::resolve).filter(Files::isDirectory).findFirst();
    if (found.isPresent()) {
      return found;
    }
    List<Path> similar = ClassFolders.subfolders(folder).stream().filter(this::isNamed).toList();
    if (similar.size() > 1) {
      throw new FoveaException(FileNames.text(folder) + ": expected one folder like " + usual() + "/, found "
          + names(similar) + "; rename the right one to " + usual());
    }
    return similar.stream().findFirst();
  }

  /** The part of that name or a variant of it, in any case. */
  static Optional<SplitFolder> named(String name) {
    return Arrays.stream(values()).filter(part -> part.name.matcher(name).matches()).findFirst();
  }

  /** The name that the folder is expected to have. */
  String usual() {
    return usual.getFirst();
  }

  private boolean isNamed(Path folder) {
    return isNamed(FileNames.last(folder));
  }

  /** Whether it is a name of this part. */
  boolean isNamed(String word) {
    return name.matcher(word).matches();
  }

  /** Reports the folders that are not parts. */
  static void reportOthers(Path folder, Consumer<String> messages) {
    List<String> parts = Arrays.stream(values()).flatMap(p -> p.in(folder).stream()).map(FileNames::last).toList();
    List<Path> others = ClassFolders.subfolders(folder).stream()
        .filter(f -> parts.stream().noneMatch(FileNames.last(f)::equalsIgnoreCase))
        .toList();
    if (!others.isEmpty()) {
      messages.accept("images:" + FileNames.text(folder) + ": skipped " + names(others)
          + " next to " + String.join("/, ", parts) + "/; parts of a data set are called train, val and test");
    }
  }

  private static String names(List<Path> folders) {
    return folders.stream().map(f -> FileNames.line(FileNames.last(f)) + "/").collect(Collectors.joining(", "));
  }
}

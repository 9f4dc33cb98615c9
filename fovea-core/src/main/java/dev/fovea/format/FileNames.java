package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** File names of any script: their order, which is the same on every machine, and their text for one-line messages. */
public final class FileNames {
  /** By Unicode code points, which is the order of the UTF-8 bytes; Java's own order differs beyond U+FFFF. */
  public static final Comparator<String> ORDER =
      (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private static final Set<String> IGNORED_FOLDERS = Set.of("__MACOSX", "@eaDir");

  private static final long MAX_LIST_BYTES = 1 << 24;

  private static final char REPLACEMENT = '\uFFFD';

  private FileNames() {}

  /**
   * The last name of {@code path}. In a locale without Unicode the JDK shows bytes that it cannot decode as U+FFFD but keeps them
   * in the path, so they are decoded again as UTF-8 from its URI.
   */
  public static String last(Path path) {
    Path name = path.getFileName();
    if (name == null) {
      return "";
    }
    if (name.toString().indexOf(REPLACEMENT) < 0) {
      return name.toString();
    }
    String uri = path.toUri().getRawPath();
    String end = uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
    return URLDecoder.decode(end.substring(end.lastIndexOf('/') + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Whether it is a metadata folder of an archiver or a file server. */
  public static boolean isIgnoredFolder(Path folder) {
    return IGNORED_FOLDERS.contains(last(folder));
  }

  /** The path as text for a one-line message. */
  public static String text(Path path) {
    return line(path.toString());
  }

  /** The text with every character that breaks a line or hides what is there replaced by a question mark. */
  public static String line(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "?");
  }

  /** The entries of {@code folder} without hidden names, sorted by name. */
  public static List<Path> list(Path folder) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (!last(entry).startsWith(".")) {
          found.add(entry);
        }
      }
    } catch (DirectoryIteratorException e) {
      @Nullable IOException cause = e.getCause();
      throw unlisted(folder, cause == null ? new IOException(e) : cause);
    } catch (IOException e) {
      throw unlisted(folder, e);
    }
    found.sort(Comparator.comparing(FileNames::last, ORDER));
    return found;
  }

  /** The non-blank lines of a short text file, stripped. */
  public static List<String> lines(Path file) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_LIST_BYTES) {
        throw new FoveaException(text(file) + ": expected a text file of at most " + MAX_LIST_BYTES + " bytes");
      }
      return TextFile.read(file).lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    } catch (CharacterCodingException e) {
      throw new FoveaException(text(file) + ": is not UTF-8 text; save it as UTF-8", e);
    } catch (IOException e) {
      throw new FoveaException(text(file) + ": cannot be read, " + reason(e), e);
    }
  }

  private static FoveaException unlisted(Path folder, IOException e) {
    return new FoveaException(text(folder) + ": the folder cannot be listed, " + reason(e) + "; check its permissions", e);
  }

  /** Throws a one-line message if {@code folder} is not a folder; {@code spec} is the data set's prefix, such as {@code mnist}. */
  public static void requireFolder(String spec, Path folder) {
    if (Files.isDirectory(folder)) {
      return;
    }
    if (Files.exists(folder)) {
      throw new FoveaException(
          spec + ":" + text(folder) + ": expected a folder, this is a file; give the folder that contains it");
    }
    throw new FoveaException(spec + ":" + text(folder) + ": no such folder; give one that exists, as in " + spec
        + ":DIR");
  }

  /** A short reason why a file operation failed; the JDK's own messages often consist of the path. */
  public static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file";
      case AccessDeniedException denied -> "permission denied";
      case NotDirectoryException file -> "it is a file";
      case FileAlreadyExistsException file -> "a file is in its place";
      case FileSystemException other when other.getReason() != null -> line(other.getReason()); // its message repeats the path
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : line(e.getMessage());
    };
  }
}

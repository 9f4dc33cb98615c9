package dev.fovea.model;

import dev.fovea.format.Quote;
import dev.fovea.format.TextFile;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names in a network for names of tensors in a file, where they differ.
 *
 * @param source where the map was read, for messages
 */
public record NameMap(List<Pair> pairs, String source) {
  private static final long MAX_BYTES = 1 << 24;

  public NameMap {
    pairs = List.copyOf(pairs);
  }

  /**
   * Two names of one tensor.
   *
   * @param line the line of the map's file
   */
  public record Pair(String inFile, String inNetwork, int line) {}

  /** No name differs. */
  public static NameMap none() {
    return new NameMap(List.of(), "");
  }

  /**
   * Reads lines of {@code name in the file = name in the network}; blank lines and lines that begin with {@code #} are comments.
   *
   * @throws FoveaException in one line with the number of the first wrong line
   */
  public static NameMap read(Path file) {
    List<Pair> pairs = new ArrayList<>();
    Set<String> known = new HashSet<>();
    Map<String, Integer> targets = new HashMap<>();
    List<String> lines = text(file).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String place = file + ":" + (i + 1) + ": ";
      int equals = line.indexOf('=');
      String from = equals < 0 ? "" : line.substring(0, equals).strip();
      String to = line.substring(equals + 1).strip();
      if (from.isEmpty() || to.isEmpty() || to.indexOf('=') >= 0) {
        throw new FoveaException(place + "expected NAME IN THE FILE = NAME IN THE NETWORK, got " + Quote.quote(line));
      }
      if (!known.add(from)) {
        throw new FoveaException(place + Quote.quote(from) + " has a name already");
      }
      Integer before = targets.put(to, i + 1);
      if (before != null) {
        throw new FoveaException(place + Quote.quote(to) + " is given to another tensor in line " + before);
      }
      pairs.add(new Pair(from, to, i + 1));
    }
    return new NameMap(pairs, file.toString());
  }

  private static String text(Path file) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        throw new FoveaException(file + ": expected a text file of at most " + MAX_BYTES + " bytes");
      }
      return TextFile.read(file);
    } catch (CharacterCodingException e) {
      throw new FoveaException(file + ": is not UTF-8 text; save it as UTF-8", e);
    } catch (IOException e) {
      throw new FoveaException(file + ": cannot be read: " + Quote.cause(e), e);
    }
  }
}

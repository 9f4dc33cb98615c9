package dev.fovea.tensor;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Helps people who mistype a name. */
public final class Names {
  /** Longer words are not compared letter by letter. */
  private static final int LONGEST = 64;

  private Names() {}

  /** The known name that somebody may have meant: the nearest by single-letter edits, where one is near at all. */
  public static Optional<String> near(String typed, Collection<String> known) {
    int most = Math.max(1, (Math.min(typed.length(), LONGEST) + 1) / 3);
    return known.stream()
        .filter(name -> Math.abs(name.length() - typed.length()) <= most && distance(typed, name) <= most)
        .min(Comparator.comparingInt(name -> distance(typed, name)));
  }

  /** {@code did you mean lenet5? Known are logistic, mlp, lenet5}; without a near name only the list. */
  public static String nearest(String typed, Collection<String> known) {
    String list = String.join(", ", known);
    return near(typed, known).map(name -> "did you mean " + name + "? Known are " + list).orElse("known are " + list);
  }

  /** How many letters must be inserted, dropped or changed (Levenshtein 1966); case does not count. */
  private static int distance(String a, String b) {
    String from = a.toLowerCase(Locale.ROOT);
    String to = b.toLowerCase(Locale.ROOT);
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int above = row[j];
        int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[to.length()];
  }
}

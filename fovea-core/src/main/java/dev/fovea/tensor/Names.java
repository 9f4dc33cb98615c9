package dev.fovea.tensor;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Suggests names for mistyped ones. */
public final class Names {
  /** The maximum allowed distance does not grow beyond this length. */
  private static final int MAX_LENGTH = 64;

  private Names() {}

  /** The known name with the smallest edit distance, if it is close enough to be a typing error. */
  public static Optional<String> near(String typed, Collection<String> known) {
    int maxDistance = Math.max(1, (Math.min(typed.length(), MAX_LENGTH) + 1) / 3);
    return known.stream()
        .filter(name -> Math.abs(name.length() - typed.length()) <= maxDistance && distance(typed, name) <= maxDistance)
        .min(Comparator.comparingInt(name -> distance(typed, name)));
  }

  /** {@code did you mean lenet5? Available: logistic, mlp, lenet5}; without a close name only the list. */
  public static String nearest(String typed, Collection<String> known) {
    String list = String.join(", ", known);
    return near(typed, known).map(name -> "did you mean " + name + "? Available: " + list).orElse("available: " + list);
  }

  /** The edit distance (Levenshtein 1966), ignoring case. */
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

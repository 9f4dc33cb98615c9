package dev.fovea.zoo.notation;

import java.util.ArrayList;
import java.util.List;

/** Steps as one text, in which what is repeated stands once: {@code [[conv 32 -> relu]*2 -> pool]*3 -> fc}. */
final class NotationFold {
  /** So many steps take no longer than a blink; it grows with their cube. */
  private static final int EXACT = 200;

  private static final String ARROW = " -> ";

  /** A group of more steps is a text of more than {@value Notation#MOST_CHARACTERS} characters. */
  private static final int LONGEST = Notation.MOST_CHARACTERS / (ARROW.length() + 2);

  private final List<String> steps;
  private final int[][] alike;

  private NotationFold(List<String> steps) {
    this.steps = steps;
    this.alike = alike(steps);
  }

  /** The shortest text; of more than {@value #EXACT} steps a short one. The same steps always give the same. */
  static String fold(List<String> steps) {
    List<String> shorter = steps;
    for (int period = 1; shorter.size() > EXACT && period <= Math.min(LONGEST, shorter.size() / 2); period++) {
      shorter = runsFolded(shorter, period);
    }
    return shorter.size() > EXACT ? String.join(ARROW, shorter) : new NotationFold(shorter).shortest();
  }

  /** From left to right, each run of two or more repeats of {@code period} steps becomes one. */
  private static List<String> runsFolded(List<String> steps, int period) {
    List<String> folded = new ArrayList<>();
    int at = 0;
    while (at < steps.size()) {
      int end = at + period;
      while (end < steps.size() && steps.get(end).equals(steps.get(end - period))) {
        end++;
      }
      int times = (end - at) / period;
      if (times < 2) {
        folded.add(steps.get(at++));
      } else {
        folded.add(group(String.join(ARROW, steps.subList(at, at + period)), times));
        at += times * period;
      }
    }
    return folded;
  }

  private static String group(String body, int times) {
    return "[" + body + "]*" + times;
  }

  /** For each two places, how many steps from there on are the same. */
  private static int[][] alike(List<String> steps) {
    int n = steps.size();
    int[][] alike = new int[n + 1][n + 1];
    for (int i = n - 1; i >= 0; i--) {
      for (int j = n - 1; j > i; j--) {
        alike[i][j] = steps.get(i).equals(steps.get(j)) ? alike[i + 1][j + 1] + 1 : 0;
      }
    }
    return alike;
  }

  /**
   * The best text of each stretch from that of shorter ones: either one group, of the smallest body that fills the stretch, or two
   * stretches side by side; of equally short ones that whose first part is longest. Only lengths are compared, so texts are
   * written at the end alone.
   */
  private String shortest() {
    int n = steps.size();
    int[][] length = new int[n][n + 1];
    int[][] cut = new int[n][n + 1];
    for (int size = 1; size <= n; size++) {
      for (int from = 0; from + size <= n; from++) {
        int to = from + size;
        int period = period(from, to);
        length[from][to] = size == 1 ? steps.get(from).length() : Integer.MAX_VALUE;
        if (period < size) {
          length[from][to] = group("", size / period).length() + length[from][from + period];
          cut[from][to] = -period;
        }
        for (int middle = to - 1; middle > from; middle--) {
          int both = length[from][middle] + ARROW.length() + length[middle][to];
          if (both < length[from][to]) {
            length[from][to] = both;
            cut[from][to] = middle;
          }
        }
      }
    }
    return text(cut, 0, n);
  }

  /** The fewest steps whose repetition is this stretch. */
  private int period(int from, int to) {
    int size = to - from;
    for (int period = 1; 2 * period <= size; period++) {
      if (size % period == 0 && alike[from][from + period] >= size - period) {
        return period;
      }
    }
    return size;
  }

  private String text(int[][] cut, int from, int to) {
    int at = cut[from][to];
    if (to - from == 1) {
      return steps.get(from);
    }
    return at < 0
        ? group(text(cut, from, from - at), (to - from) / -at)
        : text(cut, from, at) + ARROW + text(cut, at, to);
  }
}

package dev.fovea.zoo.notation;

import java.util.ArrayList;
import java.util.List;

/** Steps as one text, with repetitions folded into groups: {@code [[conv 32 -> relu]*2 -> pool]*3 -> fc}. */
final class NotationFold {
  /** Up to this number of steps the exact search is fast; its time grows with their cube. */
  private static final int MAX_EXACT = 200;

  private static final String ARROW = " -> ";

  /** A group of more steps is a text of more than {@value Notation#MAX_CHARACTERS} characters. */
  private static final int MAX_PERIOD = Notation.MAX_CHARACTERS / (ARROW.length() + 2);

  private final List<String> steps;
  private final int[][] common;

  private NotationFold(List<String> steps) {
    this.steps = steps;
    this.common = common(steps);
  }

  /** The shortest text; of more than {@value #MAX_EXACT} steps a short one. The result is deterministic. */
  static String fold(List<String> steps) {
    List<String> shorter = steps;
    for (int period = 1; shorter.size() > MAX_EXACT && period <= Math.min(MAX_PERIOD, shorter.size() / 2); period++) {
      shorter = runsFolded(shorter, period);
    }
    return shorter.size() > MAX_EXACT ? String.join(ARROW, shorter) : new NotationFold(shorter).shortest();
  }

  /** From left to right, each run of two or more repetitions of {@code period} steps becomes a group. */
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

  /** For each two indices, the number of equal steps from there on. */
  private static int[][] common(List<String> steps) {
    int n = steps.size();
    int[][] common = new int[n + 1][n + 1];
    for (int i = n - 1; i >= 0; i--) {
      for (int j = n - 1; j > i; j--) {
        common[i][j] = steps.get(i).equals(steps.get(j)) ? common[i + 1][j + 1] + 1 : 0;
      }
    }
    return common;
  }

  /**
   * Dynamic programming over ranges of steps: the shortest text of a range is either one group, with the smallest period of the
   * range, or the texts of two adjacent ranges; of equally short ones that with the longest first part. Only lengths are compared,
   * so the text is written once at the end.
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

  /** The smallest number of steps whose repetition is this range. */
  private int period(int from, int to) {
    int size = to - from;
    for (int period = 1; 2 * period <= size; period++) {
      if (size % period == 0 && common[from][from + period] >= size - period) {
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

package dev.fovea.formats.onnx.pattern;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Rewrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Replaces all patterns in a graph. */
public final class Patterns {
  /** Some replacements make others possible; each round copies the graph. */
  private static final int MAX_ROUNDS = 32;

  private static final List<Pattern> ALL = all();

  private Patterns() {}

  private static List<Pattern> all() {
    List<Pattern> all = new ArrayList<>();
    all.addAll(Neutral.PATTERNS);
    all.addAll(Normalisation.PATTERNS);
    all.addAll(Linear.PATTERNS);
    all.addAll(Axes.PATTERNS);
    return List.copyOf(all);
  }

  /**
   * The same network in fewer nodes.
   *
   * @param uniform the parameters whose elements are all equal, with their value
   */
  public static Graph replace(Graph graph, Map<String, Float> uniform) {
    Graph now = graph;
    for (int round = 0; round < MAX_ROUNDS; round++) {
      Graph next = Rewrite.prune(new Match(now, uniform).replace(ALL));
      if (next.equals(now)) {
        return next;
      }
      now = next;
    }
    return now;
  }
}

package dev.fovea.graph;

import dev.fovea.graph.ReceptiveField.Range;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which pixels of the input each element of a graph's values can depend on (Araujo, Norris, Sim 2019, Computing receptive fields of
 * convolutional neural networks).
 */
public final class ReceptiveFields {
  /** Elements that are far enough apart to show what one step is on average, whatever a map was enlarged by. */
  private static final int FAR = 322_560;

  private final Graph graph;
  private final ImageAxis rows;
  private final ImageAxis columns;

  private ReceptiveFields(Graph graph) {
    this.graph = graph;
    this.rows = ImageAxis.rows(graph);
    this.columns = ImageAxis.columns(graph);
  }

  public static ReceptiveFields of(Graph graph) {
    return new ReceptiveFields(graph);
  }

  /**
   * That of the element in this row and column of a value's maps; of a value that has none, such as a row of units, that of all of its
   * elements.
   */
  public ReceptiveField of(Value value, int row, int column) {
    return new ReceptiveField(rows.seen(value, row), columns.seen(value, column));
  }

  /**
   * That of an element in the middle of a value along the image's height, and how far that of the element below it lies below, on average.
   *
   * @param jump pixels; less than 1 where maps are larger than the image, 0 where all elements see the same
   */
  public record Middle(Range rows, double jump) {}

  /** Of a value's elements. */
  public Middle middle(Value value) {
    long middle = rows.size(value) / 2;
    Range seen = rows.seen(value, middle);
    Range far = rows.seen(value, middle + FAR);
    boolean common = far.first() <= seen.last(); // a branch sees the whole image, and so all elements do
    return new Middle(seen, common ? 0 : (double) (far.first() - seen.first()) / FAR);
  }

  /** The values of the graph that are maps, {@code N x C x H x W}: their rows and columns are those of the image. */
  public Set<Value> maps() {
    return IntStream.range(0, graph.nodes().size()).mapToObj(Value::new)
        .filter(value -> graph.at(value).shape().rank() == 4 && rows.isAxis(value, 2) && columns.isAxis(value, 3))
        .collect(Collectors.toSet());
  }
}

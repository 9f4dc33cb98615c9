package dev.fovea.zoo.notation;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A network as tutorials write it, {@code INPUT -> [[CONV 32 -> RELU]*2 -> POOL]*3 -> [FC 256 -> RELU]*1 -> FC}: read, built, and
 * written again from a graph. The grammar stands in docs/notation.md.
 */
public final class Notation {
  static final int MOST_CHARACTERS = 10_000;

  private static final Pattern BEGINNING = Pattern.compile("(?i)\\s*input(\\s.*)?", Pattern.DOTALL);
  private static final String ARROW = " -> ";

  private final Optional<Shape> input;
  private final List<NotationStep> steps;
  private final String text;

  private Notation(Optional<Shape> input, List<NotationStep> steps, String text) {
    this.input = input;
    this.steps = List.copyOf(steps);
    this.text = text;
  }

  /** Whether a network's name is meant as a notation: it has an arrow, or begins with input. */
  public static boolean isMeant(String name) {
    return name.contains(ARROW.strip()) || BEGINNING.matcher(name).matches();
  }

  /**
   * Reads a notation.
   *
   * @throws FoveaException in one line: the column, what was expected and what came
   */
  public static Notation parse(String text) {
    NotationParser.Read read = NotationParser.read(text);
    List<NotationStep> steps = withoutNeedlessFlatten(read.steps());
    String canonical = text(read.input(), steps);
    return new Notation(read.input(), steps, canonical.length() <= MOST_CHARACTERS ? canonical : text.strip());
  }

  /** Fc flattens by itself, so a network has one form whether that is written or not. */
  private static List<NotationStep> withoutNeedlessFlatten(List<NotationStep> steps) {
    List<NotationStep> kept = new ArrayList<>();
    for (NotationStep step : steps) {
      while (step instanceof NotationStep.Fc && !kept.isEmpty() && kept.getLast() instanceof NotationStep.Flatten) {
        kept.removeLast();
      }
      kept.add(step);
    }
    return kept;
  }

  /**
   * A graph in this notation, in canonical form: repeated steps folded into the shortest groups. How parameters begin, what they
   * are called and whether they are trained is not told by it.
   *
   * @param graph a model's forward graph, in which each step reads what the one before it wrote
   * @return empty where the notation cannot say it
   */
  public static Optional<String> of(Graph graph) {
    return NotationPrinter.steps(graph)
        .map(steps -> text(Optional.of(graph.inputs().getFirst().shape().withoutBatch()), steps))
        .filter(Notation::readsBack);
  }

  /** False for what the grammar's limits do not allow, or where the graph flattens what is flat. */
  private static boolean readsBack(String text) {
    try {
      return parse(text).text.equals(text);
    } catch (FoveaException e) {
      return false;
    }
  }

  private static String text(Optional<Shape> input, List<NotationStep> steps) {
    return "input" + input.map(shape -> " " + shape).orElse("") + ARROW
        + NotationFold.fold(steps.stream().map(NotationStep::text).toList());
  }

  /** The image's size C x H x W, where the notation names one. */
  public Optional<Shape> input() {
    return input;
  }

  /**
   * The network as a layer; parameters go by their step's position, groups written out, as in PyTorch's Sequential.
   *
   * @param classes the units of a last fc without a number
   */
  public Layer layer(int classes) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      layers.add(placed(i, classes).named(String.valueOf(i)));
    }
    return new Sequential(layers);
  }

  private Layer placed(int position, int classes) {
    NotationStep step = steps.get(position);
    String place = "notation, column " + step.column() + ", " + step.text() + ": ";
    try {
      Layer layer = NotationLayers.of(step, classes);
      return (g, x) -> apply(layer, g, x, place);
    } catch (FoveaException e) {
      throw new FoveaException(place + e.getMessage(), e);
    }
  }

  private static Value apply(Layer layer, GraphBuilder g, Value x, String place) {
    try {
      return layer.apply(g, x);
    } catch (FoveaException e) {
      // the column says more than the layer's position, which message may begin with
      String path = Pattern.quote(g.qualified("").replaceFirst("\\.$", ""));
      throw new FoveaException(place + String.valueOf(e.getMessage()).replaceFirst("^" + path + "(\\.|: )", ""), e);
    }
  }

  /** In canonical form. */
  @Override
  public String toString() {
    return text;
  }
}

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
 * A network in the notation of tutorials, {@code INPUT -> [[CONV 32 -> RELU]*2 -> POOL]*3 -> [FC 256 -> RELU]*1 -> FC}: parsed,
 * built, and printed from a graph. The grammar is in docs/notation.md.
 */
public final class Notation {
  static final int MAX_CHARACTERS = 10_000;

  private static final Pattern INPUT = Pattern.compile("(?i)\\s*input(\\s.*)?", Pattern.DOTALL);
  private static final String ARROW = " -> ";

  private final Optional<Shape> input;
  private final List<NotationStep> steps;
  private final String text;

  private Notation(Optional<Shape> input, List<NotationStep> steps, String text) {
    this.input = input;
    this.steps = List.copyOf(steps);
    this.text = text;
  }

  /** Whether a network's name is a notation: it has an arrow, or begins with input. */
  public static boolean isNotation(String name) {
    return name.contains(ARROW.strip()) || INPUT.matcher(name).matches();
  }

  /**
   * Parses a notation.
   *
   * @throws FoveaException with a message in one line: the column, what was expected and what was found
   */
  public static Notation parse(String text) {
    NotationParser.Read read = NotationParser.read(text);
    List<NotationStep> steps = withoutRedundantFlatten(read.steps());
    String canonical = text(read.input(), steps);
    return new Notation(read.input(), steps, canonical.length() <= MAX_CHARACTERS ? canonical : text.strip());
  }

  /** Fc flattens implicitly, so an explicit flatten before it is removed from the canonical form. */
  private static List<NotationStep> withoutRedundantFlatten(List<NotationStep> steps) {
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
   * A graph in this notation, in canonical form: repeated steps folded into the shortest groups. Initial values and names of
   * parameters and whether they are trained are not part of it.
   *
   * @param graph a model's forward graph, in which each step reads the output of the one before it
   * @return empty if the notation cannot express it
   */
  public static Optional<String> of(Graph graph) {
    return NotationPrinter.steps(graph)
        .map(steps -> text(Optional.of(graph.inputs().getFirst().shape().withoutBatch()), steps))
        .filter(Notation::roundTrips);
  }

  /** False beyond the grammar's limits, or if the graph flattens what is already flat. */
  private static boolean roundTrips(String text) {
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

  /** The image's shape C x H x W, if the notation gives one. */
  public Optional<Shape> input() {
    return input;
  }

  /**
   * The network as a layer; parameters are named by their step's index after expanding groups, as in PyTorch's Sequential.
   *
   * @param classes the units of a last fc without a number
   */
  public Layer layer(int classes) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      layers.add(located(i, classes).named(String.valueOf(i)));
    }
    return new Sequential(layers);
  }

  private Layer located(int position, int classes) {
    NotationStep step = steps.get(position);
    String location = "notation, column " + step.column() + ", " + step.text() + ": ";
    try {
      Layer layer = NotationLayers.of(step, classes);
      return (g, x) -> apply(layer, g, x, location);
    } catch (FoveaException e) {
      throw new FoveaException(location + e.getMessage(), e);
    }
  }

  private static Value apply(Layer layer, GraphBuilder g, Value x, String location) {
    try {
      return layer.apply(g, x);
    } catch (FoveaException e) {
      // the column replaces the layer's path, with which the message may begin
      String path = Pattern.quote(g.qualified("").replaceFirst("\\.$", ""));
      throw new FoveaException(location + String.valueOf(e.getMessage()).replaceFirst("^" + path + "(\\.|: )", ""), e);
    }
  }

  /** The canonical form. */
  @Override
  public String toString() {
    return text;
  }
}

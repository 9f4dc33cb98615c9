package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds a graph that also works for other input shapes. A file has sizes as numbers, or computes them; so it is interpreted for other
 * shapes too, each interpretation with the other's shapes at hand. The graph is general if it becomes the other's graph, node by node
 * and constant by constant, when it is given the other's shapes.
 */
final class Generalised {
  /** Factor of the batch: unlikely in a network. */
  private static final int BATCH = 5;

  /** What is added to the height and width of images, and to other axes whose size is open. */
  private record Added(int height, int width, int length) {}

  /**
   * Unlikely in a network, and no multiples of strides, so that what a file computes from sizes and a stride shows. What two sizes
   * happen to have in common, such as what a stride leaves over, a third one shows; each pair is tried in both orders.
   */
  private static final List<Added> ODD = List.of(new Added(97, 163, 7), new Added(110, 77, 12));

  /** Multiples of any usual stride, for networks that need them. */
  private static final List<Added> EVEN = List.of(new Added(96, 160, 7), new Added(128, 64, 12));

  private static final boolean[] BOTH = {false, true};
  private static final boolean[] LITERAL = {true};

  /** Which sizes an attempt changes. */
  private enum Vary {
    BATCH_AND_SIZE, BATCH, SIZE
  }

  private Generalised() {}

  /** The most general interpretation; axes whose size is built in are marked at the inputs. */
  static Pass of(OnnxSource source, InputShapes inputs, Pass declared) {
    boolean openBatch = inputs.shapes().keySet().stream().anyMatch(name -> inputs.isOpen(name, 0));
    Set<Map<String, Shape>> tried = new HashSet<>(Set.of(inputs.shapes()));
    for (Vary vary : Vary.values()) {
      for (List<Added> sizes : vary == Vary.BATCH ? List.of(ODD) : List.of(ODD, EVEN)) {
        boolean runs = false;
        for (List<Added> order : List.of(sizes, sizes.reversed())) {
          Map<String, Shape> shapes = varied(inputs, vary, order.getFirst());
          List<Map<String, Shape>> thirds = vary == Vary.BATCH ? List.of() : thirds(inputs, order.getLast());
          for (boolean literalBatch : !tried.add(shapes) ? new boolean[0] : openBatch ? BOTH : LITERAL) {
            Attempt attempt = attempt(source, inputs.shapes(), declared, shapes, literalBatch, thirds);
            if (attempt.general != null) {
              return fixing(attempt.general, inputs, shapes);
            }
            runs |= attempt.runs;
          }
          if (!runs) {
            break;
          }
        }
        // where odd sizes run and give another graph, even ones only hide what depends on them
        if (runs || interpreted(source, varied(inputs, Vary.SIZE, ODD.getFirst()), null, false) != null) {
          break;
        }
      }
    }
    return fixing(declared, inputs, inputs.shapes());
  }

  /**
   * The outcome for some shapes.
   *
   * @param runs whether the file can be interpreted for them
   * @param general the graph for the declared shapes, if it becomes the one for these
   */
  private record Attempt(boolean runs, @Nullable Pass general) {}

  private static Map<String, Shape> varied(InputShapes inputs, Vary vary, Added more) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    int batch =
        inputs.shapes().values().stream().filter(shape -> shape.rank() > 0).findFirst().map(shape -> shape.dim(0)).orElse(0);
    inputs.shapes().forEach((name, shape) -> {
      Shape changed = shape;
      if (vary != Vary.SIZE && shape.rank() > 0 && (shape.dim(0) == batch || inputs.isOpen(name, 0))) {
        changed = changed.with(0, shape.dim(0) * BATCH);
      }
      if (vary != Vary.BATCH) {
        List<Integer> image = inputs.image(name);
        for (int axis = 1; axis < shape.rank(); axis++) {
          int added = switch (image.indexOf(axis)) {
            case 0 -> more.height;
            case 1 -> more.width;
            default -> image.isEmpty() && inputs.isOpen(name, axis) ? more.length : 0;
          };
          changed = changed.with(axis, shape.dim(axis) + added);
        }
      }
      shapes.put(name, changed);
    });
    return shapes;
  }

  /** Shapes of another size, and for several inputs those of which only the first has another: two may have grown alike by chance. */
  private static List<Map<String, Shape>> thirds(InputShapes inputs, Added more) {
    Map<String, Shape> all = varied(inputs, Vary.SIZE, more);
    if (all.size() < 2) {
      return List.of(all);
    }
    Map<String, Shape> one = new LinkedHashMap<>(inputs.shapes());
    String first = one.keySet().iterator().next();
    one.replace(first, all.getOrDefault(first, Shape.of()));
    return List.of(all, one);
  }

  /** @param thirds shapes that the graph must become general for too */
  private static Attempt attempt(OnnxSource source, Map<String, Shape> inputs, Pass declared, Map<String, Shape> shapes,
      boolean literalBatch, List<Map<String, Shape>> thirds) {
    Pass probe = interpreted(source, shapes, declared, literalBatch);
    if (probe == null) {
      return new Attempt(false, null);
    }
    // mostly nothing depends on the sizes, and the graph for those that are declared is general already
    if (isGeneral(source, declared, probe, literalBatch, thirds)) {
      return new Attempt(true, declared);
    }
    try {
      Pass general = new Interpreter(source, inputs, probe, false).run();
      boolean found = general.refusals().isEmpty() && isGeneral(source, general, probe, literalBatch, thirds);
      return new Attempt(true, found ? general : null);
    } catch (FoveaException e) {
      return new Attempt(true, null);
    }
  }

  private static boolean isGeneral(OnnxSource source, Pass pass, Pass probe, boolean literalBatch,
      List<Map<String, Shape>> thirds) {
    try {
      return (!literalBatch || keepsImages(pass, probe)) && becomes(pass, probe)
          && thirds.stream().allMatch(third -> becomesAnother(source, pass, probe, third));
    } catch (FoveaException e) {
      return false;
    }
  }

  /** Whether a third size, where the file can be interpreted for it, leads to the same general graph. */
  private static boolean becomesAnother(OnnxSource source, Pass general, Pass probe, Map<String, Shape> third) {
    Pass another = third.equals(general.inputs()) ? null : interpreted(source, third, probe, false);
    return another == null || becomes(general, another);
  }

  /** Null if the file cannot be interpreted for these shapes. */
  private static @Nullable Pass interpreted(OnnxSource source, Map<String, Shape> shapes, @Nullable Pass other,
      boolean literalBatch) {
    try {
      Pass pass = new Interpreter(source, shapes, other, literalBatch).run();
      return pass.refusals().isEmpty() ? pass : null;
    } catch (FoveaException e) {
      return null;
    }
  }

  /** Whether all outputs have as many images more as the inputs; where numbers stand for the batch, some may have been others. */
  private static boolean keepsImages(Pass general, Pass probe) {
    return general.graph().outputs().keySet().stream().allMatch(output -> {
      Shape here = general.graph().outputShape(output);
      Shape there = probe.graph().outputShape(output);
      return here.rank() == 0 || there.rank() == 0
          || there.dim(0) * Interpreter.batch(general.inputs()) == here.dim(0) * Interpreter.batch(probe.inputs());
    });
  }

  private static boolean becomes(Pass general, Pass probe) {
    List<Node> replayed = Rewrite.withInputs(general.graph(), probe.inputs()).nodes();
    List<Node> expected = probe.graph().nodes();
    if (!replayed.equals(expected)) {
      return false;
    }
    for (Node node : expected) {
      if (node.op() instanceof Op.Param(String name, _, _, _)) {
        Array here = general.arrays().get(name);
        Array there = probe.arrays().get(name);
        if (here == null || there == null || !here.sameAs(there)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Marks the axes that were not shown to be free, among those that the file leaves open or that were tried. */
  private static Pass fixing(Pass pass, InputShapes inputs, Map<String, Shape> free) {
    Map<String, Shape> all = varied(inputs, Vary.BATCH_AND_SIZE, ODD.getFirst());
    Graph graph = Rewrite.replay(pass.graph(), (g, node, _) -> {
      if (!(node.op() instanceof Op.Input(String name, Shape shape, _))) {
        return Optional.empty();
      }
      Shape tried = all.getOrDefault(name, shape);
      Shape shown = free.getOrDefault(name, shape);
      List<Integer> fixed = new ArrayList<>();
      for (int axis = 0; axis < shape.rank(); axis++) {
        if ((tried.dim(axis) != shape.dim(axis) || inputs.isOpen(name, axis)) && shown.dim(axis) == shape.dim(axis)) {
          fixed.add(axis);
        }
      }
      return Optional.of(g.op(new Op.Input(name, shape, fixed)));
    });
    return new Pass(graph, pass.inputs(), pass.shapes(), pass.constants(), pass.arrays(), pass.types(), pass.refusals());
  }
}

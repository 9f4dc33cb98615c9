package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds a graph that also works for other input shapes. A file has sizes as numbers, or computes them; so it is interpreted for other
 * shapes too, each interpretation with the other's shapes at hand. The graph is general if it becomes the other's graph, node by node
 * and constant by constant, when it is given the other's shapes.
 */
final class Generalised {
  /** Factor of the batch, and what is added to sizes: unlikely in a network. */
  private static final int BATCH = 5;

  private static final int LENGTH = 7;

  /** Odd, so that what a file computes from sizes and a stride shows. */
  private static final int[] ODD = {97, 163};

  /** Multiples of any usual stride, for networks that need them. */
  private static final int[] EVEN = {96, 160};

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
    for (Vary vary : Vary.values()) {
      for (int[] more : vary == Vary.BATCH ? new int[][] {ODD} : new int[][] {ODD, EVEN}) {
        Map<String, Shape> shapes = varied(inputs, vary, more);
        boolean runs = false;
        for (boolean literalBatch : shapes.equals(inputs.shapes()) ? new boolean[0] : openBatch ? BOTH : LITERAL) {
          Attempt attempt = attempt(source, inputs.shapes(), declared, shapes, literalBatch);
          if (attempt.general != null) {
            return fixing(attempt.general, inputs, shapes);
          }
          runs |= attempt.runs;
        }
        // where odd sizes run and give another graph, even ones only hide what depends on them
        if (runs || runs(source, varied(inputs, Vary.SIZE, ODD))) {
          break;
        }
      }
    }
    return fixing(declared, inputs, inputs.shapes());
  }

  /** Whether the file can be interpreted for these shapes, be it as another graph. */
  private static boolean runs(OnnxSource source, Map<String, Shape> shapes) {
    try {
      return new Interpreter(source, shapes, null, false).run().refusals().isEmpty();
    } catch (FoveaException e) {
      return false;
    }
  }

  /**
   * The outcome for some shapes.
   *
   * @param runs whether the file can be interpreted for them
   * @param general the graph for the declared shapes, if it becomes the one for these
   */
  private record Attempt(boolean runs, @Nullable Pass general) {}

  private static Map<String, Shape> varied(InputShapes inputs, Vary vary, int[] more) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    int batch =
        inputs.shapes().values().stream().filter(shape -> shape.rank() > 0).findFirst().map(shape -> shape.dim(0)).orElse(0);
    inputs.shapes().forEach((name, shape) -> {
      Shape changed = shape;
      if (vary != Vary.SIZE && shape.rank() > 0 && (shape.dim(0) == batch || inputs.isOpen(name, 0))) {
        changed = changed.with(0, shape.dim(0) * BATCH);
      }
      if (vary != Vary.BATCH) {
        List<Integer> image = InputShapes.image(shape);
        for (int axis = 1; axis < shape.rank(); axis++) {
          int added =
              image.isEmpty() ? (inputs.isOpen(name, axis) ? LENGTH : 0) : image.contains(axis) ? more[image.indexOf(axis)] : 0;
          changed = changed.with(axis, shape.dim(axis) + added);
        }
      }
      shapes.put(name, changed);
    });
    return shapes;
  }

  private static Attempt attempt(OnnxSource source, Map<String, Shape> inputs, Pass declared, Map<String, Shape> shapes,
      boolean literalBatch) {
    Pass probe;
    try {
      probe = new Interpreter(source, shapes, declared, literalBatch).run();
    } catch (FoveaException e) {
      return new Attempt(false, null);
    }
    if (!probe.refusals().isEmpty()) {
      return new Attempt(false, null);
    }
    try {
      Pass general = new Interpreter(source, inputs, probe, false).run();
      boolean found = general.refusals().isEmpty() && (!literalBatch || keepsImages(general, probe)) && becomes(general, probe);
      return new Attempt(true, found ? general : null);
    } catch (FoveaException e) {
      return new Attempt(true, null);
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

  /** Marks the axes that were not shown to be free, among those that were tried. */
  private static Pass fixing(Pass pass, InputShapes inputs, Map<String, Shape> free) {
    Map<String, Shape> all = varied(inputs, Vary.BATCH_AND_SIZE, ODD);
    Graph graph = Rewrite.replay(pass.graph(), (g, node, _) -> {
      if (!(node.op() instanceof Op.Input(String name, Shape shape, _))) {
        return Optional.empty();
      }
      Shape tried = all.getOrDefault(name, shape);
      Shape shown = free.getOrDefault(name, shape);
      List<Integer> fixed = new ArrayList<>();
      for (int axis = 0; axis < shape.rank(); axis++) {
        if (tried.dim(axis) != shape.dim(axis) && shown.dim(axis) == shape.dim(axis)) {
          fixed.add(axis);
        }
      }
      return Optional.of(g.op(new Op.Input(name, shape, fixed)));
    });
    return new Pass(graph, pass.inputs(), pass.shapes(), pass.constants(), pass.arrays(), pass.types(), pass.refusals());
  }
}

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

/**
 * Finds a graph that also works for other input shapes. A file has sizes as numbers, or computes them; so it is interpreted for other
 * shapes too, each interpretation with the other's shapes at hand. The graph is general if it becomes the other's graph, node by node
 * and constant by constant, when it is given the other's shapes.
 */
final class Generalised {
  /** Factor of the batch, and what is added to sizes; unlikely in a network, and multiples of any usual stride. */
  private static final int BATCH = 5;

  private static final int HEIGHT = 96;
  private static final int WIDTH = 160;
  private static final int LENGTH = 7;

  /** Which sizes an attempt changes. */
  private enum Vary {
    BATCH_AND_SIZE, BATCH, SIZE
  }

  private Generalised() {}

  /** The most general interpretation; axes whose size is built in are marked at the inputs. */
  static Pass of(OnnxSource source, InputShapes inputs, Pass declared) {
    for (Vary vary : Vary.values()) {
      Map<String, Shape> shapes = varied(inputs, vary);
      if (shapes.equals(inputs.shapes())) {
        continue;
      }
      boolean openBatch = inputs.shapes().keySet().stream().anyMatch(name -> inputs.isOpen(name, 0));
      for (boolean literalBatch : openBatch ? new boolean[] {false, true} : new boolean[] {true}) {
        Optional<Pass> general = attempt(source, inputs.shapes(), declared, shapes, literalBatch);
        if (general.isPresent()) {
          return fixing(general.get(), inputs, shapes);
        }
      }
    }
    return fixing(declared, inputs, inputs.shapes());
  }

  private static Map<String, Shape> varied(InputShapes inputs, Vary vary) {
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
          int more = image.isEmpty() ? (inputs.isOpen(name, axis) ? LENGTH : 0)
              : axis == image.getFirst() ? HEIGHT : axis == image.getLast() ? WIDTH : 0;
          changed = changed.with(axis, shape.dim(axis) + more);
        }
      }
      shapes.put(name, changed);
    });
    return shapes;
  }

  private static Optional<Pass> attempt(OnnxSource source, Map<String, Shape> inputs, Pass declared, Map<String, Shape> shapes,
      boolean literalBatch) {
    try {
      Pass probe = new Interpreter(source, shapes, declared, literalBatch).run();
      if (!probe.refusals().isEmpty()) {
        return Optional.empty();
      }
      Pass general = new Interpreter(source, inputs, probe, false).run();
      boolean found = general.refusals().isEmpty() && (!literalBatch || keepsImages(general, probe)) && becomes(general, probe);
      return found ? Optional.of(general) : Optional.empty();
    } catch (FoveaException e) {
      return Optional.empty();
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
    Map<String, Shape> all = varied(inputs, Vary.BATCH_AND_SIZE);
    Graph graph = Rewrite.replay(pass.graph(), (g, node, _) -> {
      if (!(node.op() instanceof Op.Input(String name, Shape shape, _))) {
        return Optional.empty();
      }
      List<Integer> fixed = new ArrayList<>();
      for (int axis = 0; axis < shape.rank(); axis++) {
        boolean tried = all.get(name).dim(axis) != shape.dim(axis);
        if (tried && free.get(name).dim(axis) == shape.dim(axis)) {
          fixed.add(axis);
        }
      }
      return Optional.of(g.op(new Op.Input(name, shape, fixed)));
    });
    return new Pass(graph, pass.inputs(), pass.shapes(), pass.constants(), pass.arrays(), pass.types(), pass.refusals());
  }
}

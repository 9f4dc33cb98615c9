package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.call.Weights;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.graph.Graph;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads ONNX files into graphs. */
public final class OnnxReader {
  /** Refusals that a message names. */
  private static final int NAMED = 10;

  /** A little above the newest that there is, 27: its operators may be unchanged. */
  private static final int NEWEST_OPSET = 30;

  /** Files of earlier versions of the format have operators of version 1, and need not say so. */
  private static final int FIRST_WITH_OPSETS = 3;

  private OnnxReader() {}

  /**
   * Reads a model whose file is open: nodes on constants are evaluated, the others become a graph that works for other batches and,
   * where the file allows it, other image sizes.
   *
   * @param name the file's, for messages
   * @throws FoveaException in one line that names the file; if nodes cannot be imported, it names them all, or the first ten
   */
  public static Imported read(OnnxModel model, String name, ReadOptions options) {
    try {
      if (model.opsets().isEmpty() && model.irVersion() >= FIRST_WITH_OPSETS) {
        throw new FoveaException("does not say which version of ONNX's operators it uses (opset_import); export it again");
      }
      if (model.opset() < 1 || model.opset() > NEWEST_OPSET) {
        throw new FoveaException(
            "has operators of version " + model.opset() + " (opset); those of 1 to 22, and of newer versions up to "
                + NEWEST_OPSET + " as far as they are the same, are read: export it with opset 17");
      }
      OnnxSource source = new OnnxSource(model, options.values());
      InputShapes inputs = new InputShapes(model.graph().inputs(), source.arrays().keySet(), options.shapes());
      Pass declared = new Interpreter(source, inputs.shapes(), null, false).run();
      if (!declared.refusals().isEmpty()) {
        throw new FoveaException(refused(declared.refusals()));
      }
      if (declared.graph().outputs().isEmpty()) {
        throw new FoveaException("has no outputs");
      }
      Pass general = Generalised.of(source, inputs, declared);
      Graph graph = general.graph();
      Set<String> integers =
          general.types().entrySet().stream().filter(type -> type.getValue().isInteger()).map(Map.Entry::getKey)
              .collect(Collectors.toUnmodifiableSet());
      return new Imported(graph, Weights.parameters(graph, general.arrays()), model.metadata(), integers, inputs.notes());
    } catch (FoveaException e) {
      throw String.valueOf(e.getMessage()).startsWith(name) ? e : new FoveaException(name + ": " + e.getMessage(), e);
    }
  }

  private static String refused(List<String> refusals) {
    List<String> all = new ArrayList<>(refusals.subList(0, Math.min(NAMED, refusals.size())));
    if (refusals.size() > NAMED) {
      all.add("and " + (refusals.size() - NAMED) + " more");
    }
    return String.join("; ", all);
  }
}

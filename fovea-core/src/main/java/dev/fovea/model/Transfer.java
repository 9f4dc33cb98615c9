package dev.fovea.model;

import dev.fovea.format.TensorFile;
import dev.fovea.graph.Parameters;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of loading weights from a file into parameters: every tensor with the name and the shape of a parameter is loaded. The
 * other parameters keep their values, so a network with another number of classes keeps its own last layer.
 *
 * @param loaded the parameters that were loaded
 * @param missing the parameters that are missing in the file
 * @param mismatched the parameters whose tensor has another shape or type, each with both shapes
 * @param unused the tensors whose name is not that of a parameter
 */
public record Transfer(List<String> loaded, List<String> missing, List<String> mismatched, List<String> unused) {
  private static final int MAX_LISTED = 6;

  public Transfer {
    loaded = List.copyOf(loaded);
    missing = List.copyOf(missing);
    mismatched = List.copyOf(mismatched);
    unused = List.copyOf(unused);
  }

  /**
   * Loads a {@code .safetensors} file, whether a Fovea model or not, into parameters.
   *
   * @throws FoveaException if none of its tensors fits
   */
  static Transfer of(Path file, Parameters parameters) {
    List<String> loaded = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<String> mismatched = new ArrayList<>();
    try (TensorFile tensors = ModelFormats.tensors(file)) {
      for (Parameters.Entry entry : parameters.entries()) {
        String name = entry.name();
        if (!tensors.has(name)) {
          missing.add(name);
        } else if (fits(tensors, name, entry.shape())) {
          tensors.readInto(name, parameters.values(), entry.offset());
          requireFinite(parameters.values(), entry, file);
          loaded.add(name);
        } else {
          mismatched.add(name + " (" + described(tensors, name) + " in the file, " + entry.shape() + " here)");
        }
      }
      if (loaded.isEmpty()) {
        throw new FoveaException(file + ": none of its tensors has the name and the shape of one of the network's "
            + parameters.entries().size() + " parameters: give the weights of a network that shares layers with it");
      }
      parameters.changed();
      return new Transfer(loaded, missing, mismatched, tensors.names().stream().filter(name -> !parameters.has(name)).toList());
    }
  }

  private static void requireFinite(float[] values, Parameters.Entry entry, Path file) {
    for (int i = entry.offset(); i < entry.offset() + entry.shape().size(); i++) {
      if (!Float.isFinite(values[i])) {
        throw new FoveaException(
            file + ": " + entry.name() + " holds " + values[i] + ", which is not finite: its training"
                + " diverged, or the file is damaged; use an earlier one");
      }
    }
  }

  private static boolean fits(TensorFile tensors, String name, Shape shape) {
    return tensors.isReadable(name) && tensors.shape(name).equals(shape);
  }

  private static String described(TensorFile tensors, String name) {
    return tensors.isReadable(name) ? tensors.shape(name).toString() : tensors.dtype(name);
  }

  /**
   * A one-line summary with long lists truncated: {@code 28 of 30 parameters loaded; missing in the file: score.weight,
   * score.bias}.
   */
  @Override
  public String toString() {
    int all = loaded.size() + missing.size() + mismatched.size();
    return loaded.size() + " of " + all + " parameters loaded" + listed("missing in the file", missing)
        + listed("shape mismatch, not loaded", mismatched) + listed("unused in the file", unused);
  }

  private static String listed(String what, List<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    int shown = names.size() <= MAX_LISTED + 1 ? names.size() : MAX_LISTED;
    return "; " + what + ": " + String.join(", ", names.subList(0, shown))
        + (shown < names.size() ? " and " + (names.size() - shown) + " more" : "");
  }
}

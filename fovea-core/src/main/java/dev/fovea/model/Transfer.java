package dev.fovea.model;

import dev.fovea.format.SafeTensors;
import dev.fovea.graph.Parameters;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What parameters took from a file of weights: every tensor that has the name and the shape of one. All others keep the numbers
 * that they had, so a network with another number of classes keeps its own last layer, and one with one more skip its new scores.
 *
 * @param taken the parameters that hold the file's numbers now
 * @param fresh those that the file has no tensor for
 * @param different those whose tensor is another, each with both shapes
 * @param unused the tensors that no parameter is called by
 */
public record Transfer(List<String> taken, List<String> fresh, List<String> different, List<String> unused) {
  private static final int SHOWN = 6;

  public Transfer {
    taken = List.copyOf(taken);
    fresh = List.copyOf(fresh);
    different = List.copyOf(different);
    unused = List.copyOf(unused);
  }

  /**
   * Reads a {@code .safetensors} file, a model of Fovea's or not, into parameters.
   *
   * @throws FoveaException where nothing in it fits
   */
  static Transfer of(Path file, Parameters parameters) {
    List<String> taken = new ArrayList<>();
    List<String> fresh = new ArrayList<>();
    List<String> different = new ArrayList<>();
    try (SafeTensors tensors = SafeTensors.read(file)) {
      for (Parameters.Entry entry : parameters.entries()) {
        String name = entry.name();
        if (!tensors.has(name)) {
          fresh.add(name);
        } else if (fits(tensors, name, entry.shape())) {
          tensors.readInto(name, parameters.values(), entry.offset());
          requireFinite(parameters.values(), entry, file);
          taken.add(name);
        } else {
          different.add(name + " (" + described(tensors, name) + " there, " + entry.shape() + " here)");
        }
      }
      if (taken.isEmpty()) {
        throw new FoveaException(file + ": none of its tensors has the name and the shape of one of the network's "
            + parameters.entries().size() + " parameters: name the weights of a network that shares layers with it");
      }
      parameters.changed();
      return new Transfer(taken, fresh, different, tensors.names().stream().filter(name -> !parameters.has(name)).toList());
    }
  }

  private static void requireFinite(float[] values, Parameters.Entry entry, Path file) {
    for (int i = entry.offset(); i < entry.offset() + entry.shape().size(); i++) {
      if (!Float.isFinite(values[i])) {
        throw new FoveaException(
            file + ": " + entry.name() + " holds " + values[i] + ", from which nothing can be learned: its training"
                + " diverged, or the file is damaged; take an earlier one");
      }
    }
  }

  private static boolean fits(SafeTensors tensors, String name, Shape shape) {
    return tensors.isReadable(name) && tensors.shape(name).equals(shape);
  }

  private static String described(SafeTensors tensors, String name) {
    return tensors.isReadable(name) ? tensors.shape(name).toString() : tensors.dtype(name);
  }

  /** All of it on one line, long lists cut short: {@code 28 of 30 parameters taken; new here: score.weight, score.bias}. */
  @Override
  public String toString() {
    int all = taken.size() + fresh.size() + different.size();
    return taken.size() + " of " + all + " parameters taken" + listed("new here", fresh)
        + listed("of another shape, so new here too", different) + listed("not used of the file", unused);
  }

  private static String listed(String what, List<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    int shown = names.size() <= SHOWN + 1 ? names.size() : SHOWN;
    return "; " + what + ": " + String.join(", ", names.subList(0, shown))
        + (shown < names.size() ? " and " + (names.size() - shown) + " more" : "");
  }
}

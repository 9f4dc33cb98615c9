package dev.fovea.model;

import dev.fovea.format.TensorFile;
import dev.fovea.graph.Op;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A file format of models or of weights, found by ServiceLoader ({@link ModelFormats}). It is a table between files and graphs; a
 * model that it reads is like any other.
 */
public interface ModelFormat {
  /** The format's name, such as {@code ONNX}. */
  String name();

  /** How its files' names end, such as {@code .onnx}. */
  List<String> suffixes();

  /** Whether the file or folder is of this format; by default by its name alone. */
  default boolean matches(Path fileOrFolder) {
    String name = fileOrFolder.toString().toLowerCase(Locale.ROOT);
    return suffixes().stream().anyMatch(name::endsWith);
  }

  /**
   * Reads a whole model.
   *
   * @throws FoveaException in one line that names the file: if it is missing, damaged, or holds weights without a network, with what
   *     to do instead
   */
  Model read(Path file);

  /**
   * Reads a whole model for these inputs: sizes that the file leaves open are theirs, and an input that a shape is computed from
   * becomes a constant with its values. A format whose files leave nothing open reads the same for any inputs.
   */
  default Model read(Path file, Map<String, Tensor> inputs) {
    return read(file);
  }

  /** The names of a model's inputs, in its order. */
  default List<String> inputs(Path file) {
    return read(file).graph().inputs().stream().map(Op.Input::name).toList();
  }

  /**
   * Opens the file's weights, under the names that they have in the file.
   *
   * @throws FoveaException in one line that names the file
   */
  TensorFile tensors(Path file);
}

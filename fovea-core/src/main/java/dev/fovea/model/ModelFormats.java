package dev.fovea.model;

import dev.fovea.format.SafeTensors;
import dev.fovea.format.TensorFile;
import dev.fovea.graph.Op;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;

/** Finds the formats on the class path and the module path. */
public final class ModelFormats {
  private static final String OWN = ".safetensors";

  /** What fovea-formats reads, for a message where it is missing. */
  private static final List<String> ELSEWHERE = List.of(".onnx", ".pt", ".pth", ".th", ".bin", ".npz", ".npy");

  private ModelFormats() {}

  /** The format of a file or folder that is not a Fovea model's. */
  static Optional<ModelFormat> of(Path fileOrFolder) {
    String name = fileOrFolder.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(OWN) && !Files.isDirectory(fileOrFolder)) {
      return Optional.empty(); // the usual case does not wait for the other formats to be found
    }
    for (ModelFormat format : ServiceLoader.load(ModelFormat.class, ModelFormats.class.getClassLoader())) {
      if (format.matches(fileOrFolder)) {
        return Optional.of(format);
      }
    }
    if (ELSEWHERE.stream().anyMatch(name::endsWith)) {
      throw new FoveaException(fileOrFolder + ": the artifact dev.fovea:fovea-formats reads such files: add it");
    }
    return Optional.empty();
  }

  /** Whether it is a file or folder of a format other than Fovea's own. */
  public static boolean isKnown(Path fileOrFolder) {
    return of(fileOrFolder).isPresent();
  }

  /** The names of a model's inputs, in its order. */
  public static List<String> inputs(Path fileOrFolder) {
    return of(fileOrFolder).map(format -> format.inputs(fileOrFolder))
        .orElseGet(() -> Model.load(fileOrFolder).graph().inputs().stream().map(Op.Input::name).toList());
  }

  /**
   * Opens the tensors of a file of any format; the caller must close it.
   *
   * @throws FoveaException in one line that names the file
   */
  public static TensorFile tensors(Path file) {
    return of(file).map(format -> format.tensors(file)).orElseGet(() -> SafeTensors.read(file));
  }
}

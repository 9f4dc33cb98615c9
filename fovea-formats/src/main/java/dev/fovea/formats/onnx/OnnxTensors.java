package dev.fovea.formats.onnx;

import dev.fovea.format.FileNames;
import dev.fovea.format.TensorFile;
import dev.fovea.formats.file.Entries;
import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The initialisers of an open ONNX file. */
final class OnnxTensors implements TensorFile {
  private final String source;
  private final OnnxFile file;
  private final Entries<OnnxTensor> tensors;

  private OnnxTensors(String source, OnnxFile file) {
    this.source = source;
    this.file = file;
    Map<String, OnnxTensor> byName = new LinkedHashMap<>();
    file.model().graph().initializers().forEach(tensor -> byName.put(tensor.name(), tensor));
    this.tensors = new Entries<>(source, byName);
  }

  static OnnxTensors open(Path path) {
    OnnxFile file = OnnxFile.open(path);
    boolean opened = false;
    try {
      OnnxTensors tensors = new OnnxTensors(FileNames.text(path), file);
      opened = true;
      return tensors;
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  @Override
  public List<String> names() {
    return tensors.names();
  }

  @Override
  public boolean has(String name) {
    return tensors.has(name);
  }

  @Override
  public String dtype(String name) {
    return tensors.of(name).type().toString();
  }

  @Override
  public boolean isReadable(String name) {
    OnnxTensor tensor = tensors.of(name);
    return tensor.isReadable() && tensor.type().isFloat() && tensor.size() > 0;
  }

  @Override
  public Shape shape(String name) {
    List<Long> dims = tensors.of(name).dims();
    if (dims.stream().anyMatch(dim -> dim > Integer.MAX_VALUE)) {
      throw new FoveaException(
          source + ": " + tensors.of(name).where() + " has an axis of 2^31 or more, which is not supported");
    }
    return inFile(() -> new Shape(dims.stream().map(Math::toIntExact).toList()));
  }

  @Override
  public void readInto(String name, float[] to, int offset) {
    OnnxTensor tensor = tensors.of(name);
    inFile(() -> {
      tensor.floats(to, offset);
      return tensor;
    });
  }

  /** Puts the file before messages about one of its tensors. */
  private <T> T inFile(Supplier<T> body) {
    try {
      return body.get();
    } catch (FoveaException e) {
      throw new FoveaException(source + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}

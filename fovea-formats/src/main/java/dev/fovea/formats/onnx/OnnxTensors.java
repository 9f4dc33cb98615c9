package dev.fovea.formats.onnx;

import dev.fovea.format.FileNames;
import dev.fovea.format.Quote;
import dev.fovea.format.TensorFile;
import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The initialisers of an open ONNX file. */
final class OnnxTensors implements TensorFile {
  private final String source;
  private final OnnxFile file;
  private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

  private OnnxTensors(String source, OnnxFile file) {
    this.source = source;
    this.file = file;
    file.model().graph().initializers().forEach(tensor -> tensors.put(tensor.name(), tensor));
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

  private OnnxTensor tensorNamed(String name) {
    OnnxTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new FoveaException(source + ": there is no tensor " + Quote.quote(name) + " among its " + tensors.size());
    }
    return tensor;
  }

  @Override
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  @Override
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  @Override
  public String dtype(String name) {
    return tensorNamed(name).type().toString();
  }

  @Override
  public boolean isReadable(String name) {
    OnnxTensor tensor = tensorNamed(name);
    return tensor.isReadable() && tensor.type().isFloat() && tensor.size() > 0;
  }

  @Override
  public Shape shape(String name) {
    return new Shape(tensorNamed(name).dims().stream().map(Math::toIntExact).toList());
  }

  @Override
  public void readInto(String name, float[] to, int offset) {
    tensorNamed(name).floats(to, offset);
  }

  @Override
  public void close() {
    file.close();
  }
}

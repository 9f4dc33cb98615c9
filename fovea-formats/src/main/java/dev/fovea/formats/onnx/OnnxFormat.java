package dev.fovea.formats.onnx;

import dev.fovea.format.TensorFile;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormat;
import dev.fovea.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** ONNX as a format that {@link Model#load} finds. */
public final class OnnxFormat implements ModelFormat {
  @Override
  public String name() {
    return "ONNX";
  }

  @Override
  public List<String> suffixes() {
    return List.of(".onnx");
  }

  @Override
  public Model read(Path file) {
    return Onnx.read(file);
  }

  @Override
  public Model read(Path file, Map<String, Tensor> inputs) {
    return Onnx.readFor(file, inputs);
  }

  @Override
  public List<String> inputs(Path file) {
    return Onnx.inputs(file);
  }

  @Override
  public TensorFile tensors(Path file) {
    return Onnx.tensors(file);
  }
}

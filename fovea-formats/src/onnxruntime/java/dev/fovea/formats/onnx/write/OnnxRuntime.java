package dev.fovea.formats.onnx.write;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.fovea.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs models in ONNX Runtime, which knows nothing of Fovea. */
final class OnnxRuntime implements AutoCloseable {
  private final OrtSession session;

  /** Tensors by name. */
  record Result(Shape shape, float[] values) {}

  OnnxRuntime(Path model) {
    try {
      OrtSession.SessionOptions options = new OrtSession.SessionOptions();
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      session = OrtEnvironment.getEnvironment().createSession(model.toString(), options);
    } catch (OrtException e) {
      throw new AssertionError(model + ": " + e.getMessage(), e);
    }
  }

  /** The outputs by name, for inputs by name. */
  Map<String, Result> run(Map<String, Result> inputs) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    try {
      for (Map.Entry<String, Result> input : inputs.entrySet()) {
        long[] dims = input.getValue().shape.dims().stream().mapToLong(Integer::longValue).toArray();
        FloatBuffer values = FloatBuffer.wrap(input.getValue().values);
        tensors.put(input.getKey(), OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), values, dims));
      }
      Map<String, Result> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(tensors)) {
        for (Map.Entry<String, OnnxValue> output : result) {
          OnnxTensor tensor = (OnnxTensor) output.getValue();
          FloatBuffer buffer = tensor.getFloatBuffer();
          float[] values = new float[buffer.remaining()];
          buffer.get(values);
          long[] dims = tensor.getInfo().getShape();
          outputs.put(output.getKey(), new Result(new Shape(Arrays.stream(dims).mapToObj(Math::toIntExact).toList()), values));
        }
      }
      return outputs;
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }
}

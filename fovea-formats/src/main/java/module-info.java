/** Models and weights in the formats of others. */
module dev.fovea.formats {
  requires static org.jspecify;
  requires transitive dev.fovea.core;
  requires dev.fovea.zoo;

  exports dev.fovea.formats.huggingface;
  exports dev.fovea.formats.numpy;
  exports dev.fovea.formats.onnx;
  exports dev.fovea.formats.torch;

  provides dev.fovea.model.ModelFormat
      with
      dev.fovea.formats.onnx.OnnxFormat,
      dev.fovea.formats.torch.TorchFormat,
      dev.fovea.formats.numpy.NumpyFormat,
      dev.fovea.formats.huggingface.HuggingFaceFormat;
}

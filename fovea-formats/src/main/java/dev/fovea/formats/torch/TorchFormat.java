package dev.fovea.formats.torch;

import dev.fovea.format.TensorFile;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormat;
import dev.fovea.model.WeightsOnlyException;
import java.nio.file.Path;
import java.util.List;

/** PyTorch checkpoints: weights without a network. */
public final class TorchFormat implements ModelFormat {
  @Override
  public String name() {
    return "PyTorch";
  }

  @Override
  public List<String> suffixes() {
    return List.of(".pt", ".pth", ".th", ".bin", ".ckpt");
  }

  @Override
  public Model read(Path file) {
    try (TensorFile tensors = tensors(file)) {
      throw new WeightsOnlyException(file, tensors.names().size());
    }
  }

  @Override
  public TensorFile tensors(Path file) {
    return TorchFile.read(file);
  }
}

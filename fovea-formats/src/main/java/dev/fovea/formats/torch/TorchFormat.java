package dev.fovea.formats.torch;

import dev.fovea.format.TensorFile;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormat;
import dev.fovea.tensor.FoveaException;
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
      throw new FoveaException(
          file + ": holds " + tensors.names().size() + " tensors without a network; give the network they belong to:"
              + " fovea convert " + file + " OUT.safetensors --network NAME --classes N");
    }
  }

  @Override
  public TensorFile tensors(Path file) {
    return TorchFile.read(file);
  }
}

package dev.fovea.formats.huggingface;

import dev.fovea.format.SafeTensors;
import dev.fovea.format.TensorFile;
import dev.fovea.formats.torch.TorchFormat;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormat;
import dev.fovea.model.NameMap;
import dev.fovea.model.Transfer;
import dev.fovea.tensor.FoveaException;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Network.Settings;
import dev.fovea.zoo.Pooling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder with {@code config.json} and the weights in {@code model.safetensors} or {@code pytorch_model.bin}, of a network that the zoo
 * has, in the forms of timm and torchvision.
 */
public final class HuggingFaceFormat implements ModelFormat {
  private static final String SHARDED = ".index.json";

  private static final List<String> WEIGHTS = List.of("model.safetensors", "pytorch_model.bin");

  @Override
  public String name() {
    return "Hugging Face folder";
  }

  /** None: it is a folder. */
  @Override
  public List<String> suffixes() {
    return List.of();
  }

  @Override
  public boolean matches(Path folder) {
    return Files.isRegularFile(folder.resolve(FolderConfig.FILE))
        && WEIGHTS.stream().anyMatch(file -> Files.exists(folder.resolve(file)) || Files.exists(folder.resolve(file + SHARDED)))
        && !FolderConfig.read(folder).isFovea();
  }

  @Override
  public Model read(Path folder) {
    FolderConfig config = FolderConfig.read(folder);
    Network network = config.network();
    List<String> classes = config.classes(network);
    Preprocessing preprocessing = config.preprocessing(network);
    Card card = new Card(network.name(), classes, preprocessing, config.provenance());
    Model model =
        Model.create(network.layer(new Settings(classes.size(), List.of(), Pooling.MAX, Activation.RELU)), card, 0);
    try (TensorFile tensors = tensors(folder)) {
      Transfer transfer = Transfer.of(tensors, weights(folder), NameMap.none(), model);
      if (!transfer.isComplete() || !transfer.unused().isEmpty()) {
        throw new FoveaException(weights(folder) + ": the weights are not those of " + network.name() + " with " + classes.size()
            + " classes: " + transfer);
      }
    }
    return model;
  }

  @Override
  public TensorFile tensors(Path folder) {
    Path file = weights(folder);
    return file.toString().endsWith(".bin") ? new TorchFormat().tensors(file) : SafeTensors.read(file);
  }

  private static Path weights(Path folder) {
    for (String name : WEIGHTS) {
      if (Files.exists(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    throw new FoveaException(folder + ": has its weights in several files; save them as one model.safetensors");
  }
}

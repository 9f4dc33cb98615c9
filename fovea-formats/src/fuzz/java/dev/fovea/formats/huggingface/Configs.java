package dev.fovea.formats.huggingface;

import dev.fovea.model.Card;
import dev.fovea.zoo.Network;
import java.nio.file.Path;

/** Reads config.json without building its network, which may be large. */
public final class Configs {
  private Configs() {}

  public static Card read(Path folder) {
    FolderConfig config = FolderConfig.read(folder);
    Network network = config.network();
    return new Card(network.name(), config.classes(network), config.preprocessing(network), config.provenance());
  }
}

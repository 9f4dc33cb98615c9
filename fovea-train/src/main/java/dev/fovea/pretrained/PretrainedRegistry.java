package dev.fovea.pretrained;

import dev.fovea.data.download.Cache;
import dev.fovea.data.download.Download;
import dev.fovea.format.AtomicFile;
import dev.fovea.format.FileNames;
import dev.fovea.format.Json;
import dev.fovea.format.TextFile;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The trained networks that are known by name: those that come with Fovea, and those that the user has added, in {@code
 * pretrained/networks.json} of the cache. Their files are in {@code pretrained/NAME/} there, and are downloaded by {@link #fetch}
 * only.
 */
public final class PretrainedRegistry {
  private static final String FILE = "networks.json";
  private static final long MAX_BYTES = 1 << 20;

  private final Path folder;

  private PretrainedRegistry(Path folder) {
    this.folder = folder;
  }

  /** In the cache, {@link Cache#folder()}, which need not exist. */
  public static PretrainedRegistry in(Path cache) {
    return new PretrainedRegistry(cache.resolve("pretrained"));
  }

  /** The user's file. */
  public Path file() {
    return folder.resolve(FILE);
  }

  /**
   * All networks, those of Fovea first.
   *
   * @throws FoveaException naming the user's file and the entry, if it is damaged
   */
  public List<PretrainedNetwork> networks() {
    List<PretrainedNetwork> all = new ArrayList<>(builtIn());
    Set<String> names = all.stream().map(PretrainedNetwork::name).collect(Collectors.toCollection(HashSet::new));
    for (PretrainedNetwork network : own()) {
      if (!names.add(network.name())) {
        throw new FoveaException(FileNames.text(file()) + ": the name " + network.name() + " is taken; choose another there");
      }
      all.add(network);
    }
    return all;
  }

  private static List<PretrainedNetwork> builtIn() {
    try (InputStream in = PretrainedRegistry.class.getResourceAsStream(FILE)) {
      byte[] bytes = Objects.requireNonNull(in, "the registry is part of this module").readAllBytes();
      return parse(new String(bytes, StandardCharsets.UTF_8), FILE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<PretrainedNetwork> own() {
    Path file = file();
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        throw new FoveaException(FileNames.text(file) + ": expected a registry of networks of at most " + MAX_BYTES + " bytes");
      }
      return parse(TextFile.read(file), FileNames.text(file));
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
  }

  static List<PretrainedNetwork> parse(String text, String source) {
    return Json.parseObject(text, source).objects("networks").stream().map(PretrainedNetwork::of).toList();
  }

  /**
   * The network of that name.
   *
   * @throws FoveaException if there is none, with the name that was probably meant
   */
  public PretrainedNetwork find(String name) {
    List<PretrainedNetwork> all = networks();
    return all.stream().filter(network -> network.name().equals(name)).findFirst().orElseThrow(() -> {
      String shown = FileNames.line(name.length() <= 80 ? name : name.substring(0, 80) + "...");
      return new FoveaException("there is no pretrained network '" + shown + "': "
          + Names.nearest(name, all.stream().map(PretrainedNetwork::name).toList()));
    });
  }

  /**
   * Adds a network to the user's file.
   *
   * @throws FoveaException if its name is taken, or the file cannot be written
   */
  public void add(PretrainedNetwork network) {
    if (networks().stream().anyMatch(known -> known.name().equals(network.name()))) {
      throw new FoveaException(
          "there is a pretrained network " + network.name() + " already; choose another name, or remove it from "
              + FileNames.text(file()));
    }
    List<PretrainedNetwork> all = new ArrayList<>(own());
    all.add(network);
    String entries = all.stream().map(n -> "  " + n.json().text()).collect(Collectors.joining(",\n"));
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(folder) + ": cannot be created, " + FileNames.reason(e) + "; name another cache in "
          + Cache.VARIABLE, e);
    }
    AtomicFile.write(file(), "{\"networks\": [\n" + entries + "\n]}\n");
  }

  /** Where the network's file is, or would be. */
  public Path file(PretrainedNetwork network) {
    return folder.resolve(network.name()).resolve(network.file());
  }

  /** Whether the file is there, by its name only. */
  public boolean isHere(PretrainedNetwork network) {
    return Files.isRegularFile(file(network));
  }

  /** Whether the file is there and has the hash of the network. Reads it. */
  public boolean isValid(PretrainedNetwork network) {
    Path file = file(network);
    try {
      return Download.isValid(network.remote(), file);
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
  }

  /** What to do without a connection: which file to put where. */
  public String byHand(PretrainedNetwork network) {
    return "put " + network.file() + " from " + network.url() + " into " + FileNames.text(folder.resolve(network.name())) + " ("
        + network.sum() + ")";
  }

  /**
   * Downloads the network's file, unless it is in the cache and undamaged, and returns it.
   *
   * @param messages receives what is downloaded
   * @throws FoveaException in one line, if that fails or the file is another one
   */
  public Path fetch(PretrainedNetwork network, Consumer<String> messages) {
    Path to = folder.resolve(network.name());
    new Download(network.name(), network.url(), to, byHand(network), messages).fetch(List.of(network.remote()));
    return Optional.of(file(network)).filter(Files::isRegularFile).orElseThrow();
  }
}

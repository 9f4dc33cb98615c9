package dev.fovea.data.fuzz;

import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Dataset;
import dev.fovea.data.DatasetParts;
import dev.fovea.data.Datasets;
import dev.fovea.data.TarFiles;
import dev.fovea.pretrained.PretrainedNetwork;
import dev.fovea.pretrained.PretrainedRegistry;
import dev.fovea.run.RunFiles;
import dev.fovea.tensor.FoveaException;
import dev.fovea.testkit.fuzz.FuzzedReader;
import dev.fovea.testkit.fuzz.Rules;
import dev.fovea.train.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The readers of tables, archives and registries, and of the files of a run. */
enum Reader implements FuzzedReader {
  /** Inputs have checksums that are wrong, which are set first. */
  TAR(".tar", file -> dataset("tar:" + file), TarFiles::withChecksums),
  CSV(".csv", file -> dataset("csv:" + file)),
  NETWORKS("/pretrained/networks.json", Reader::networks),
  RUN("/config.json", file -> RunFiles.config(file.getParent())),
  METRICS("/metrics.jsonl", RunFiles::metrics),
  CHECKPOINT(".safetensors", Checkpoint::read);

  /** Images of a data set that are read. */
  private static final int MAX_IMAGES = 20;

  private final String suffix;
  private final Consumer<Path> body;
  private final UnaryOperator<byte[]> bytes;

  Reader(String suffix, Consumer<Path> body) {
    this(suffix, body, UnaryOperator.identity());
  }

  Reader(String suffix, Consumer<Path> body, UnaryOperator<byte[]> bytes) {
    this.suffix = suffix;
    this.body = body;
    this.bytes = bytes;
  }

  @Override
  public String suffix() {
    return suffix;
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    return Seeds.of(this);
  }

  @Override
  public byte[] bytes(byte[] input) {
    return bytes.apply(input);
  }

  @Override
  public void read(Path file) {
    body.accept(file);
  }

  @Override
  public List<String> libraries() {
    return this == CSV ? List.of("tools.jackson.dataformat.csv.**") : List.of();
  }

  /** A table's. */
  @Override
  public boolean namesPaths() {
    return this == CSV;
  }

  private static void dataset(String spec) {
    DatasetParts parts = Datasets.parts(DataSpec.parse(spec), DataOptions.standard().messages(Reader::message));
    Stream.of(List.of(parts.train()), parts.validation().stream().toList(), parts.test().stream().toList())
        .forEach(list -> list.forEach(Reader::images));
  }

  private static void images(Dataset data) {
    float[] target = new float[data.task().size()];
    for (int i = 0; i < Math.min(MAX_IMAGES, data.size()); i++) {
      int index = i;
      data.target(index, target, 0);
      message(data.source(index));
      Rules.refusable("", () -> data.image(index)); // a table may name any path
    }
    data.fingerprint();
    Rules.refusable("", data::shape);
  }

  /** Messages and names follow the rules of errors. */
  private static void message(String line) {
    Rules.refusable("", () -> {
      throw new FoveaException(line);
    });
  }

  private static void networks(Path file) {
    PretrainedRegistry registry = PretrainedRegistry.in(file.getParent().getParent());
    for (PretrainedNetwork network : registry.networks()) {
      registry.file(network);
      registry.byHand(network);
      network.json().text();
    }
  }
}

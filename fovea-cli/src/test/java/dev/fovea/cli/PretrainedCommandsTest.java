package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.download.Cache;
import dev.fovea.format.Sha256;
import dev.fovea.formats.torch.StateDicts;
import dev.fovea.graph.Parameters;
import dev.fovea.model.Model;
import dev.fovea.pretrained.PretrainedRegistry;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import dev.fovea.zoo.LeNet5;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The cache of the tests is their own: the build sets it. */
class PretrainedCommandsTest {
  private static final PretrainedRegistry REGISTRY = PretrainedRegistry.in(Cache.folder());

  @TempDir
  private Path folder;

  private final String name = "test-" + UUID.randomUUID();
  private Path file = Path.of("");
  private String sum = "";

  @BeforeEach
  void weights() throws IOException {
    Model three = Model.create(LeNet5.modern(3), Shape.of(1, 28, 28), 7);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Parameters.Entry entry : three.parameters().entries()) {
      float[] values = new float[entry.shape().size()];
      System.arraycopy(three.parameters().values(), entry.offset(), values, 0, values.length);
      tensors.put(entry.name(), new Tensor(entry.shape(), values));
    }
    file = folder.resolve("lenet.pth");
    StateDicts.write(file, tensors);
    sum = Sha256.of(Files.readAllBytes(file));
  }

  @AfterEach
  void remove() throws IOException {
    Files.deleteIfExists(REGISTRY.file());
  }

  private Cli add(Object... more) {
    Object[] args = {"pretrained", "add", name, "--url", "https://example.org/lenet.pth", "--sha256", sum};
    Object[] all = new Object[args.length + more.length];
    System.arraycopy(args, 0, all, 0, args.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Cli.run(all);
  }

  private Path place() throws IOException {
    Path there = REGISTRY.file(REGISTRY.find(name));
    Files.createDirectories(there.getParent());
    return Files.copy(file, there);
  }

  @Test
  @Tag("slow")
  void trainingStartsFromTheCache() throws IOException {
    assertThat(add("--network", "lenet5", "--classes", 3, "--mean", 0.25, "--std", 0.5).succeeds().out())
        .contains(name + ": added to " + REGISTRY.file());
    Path run = folder.resolve("run");
    Object[] train = {"train", "--pretrained", name, "--data", "digits:200", "--steps", 2, "--batch-size", 8, "--out", run};
    assertThat(Cli.run(train).failsWith(1)).contains(name + ": is not in the cache; run fovea pretrained get " + name,
        "put lenet.pth from https://example.org/lenet.pth into ", sum);
    Path there = place();
    assertThat(Cli.run(train).succeeds().err()).contains(name + " on digits:200, into " + run,
        "--pretrained " + name
            + ": lenet5, 8 of 10 parameters loaded; 10 classes instead of 3, so that these are reinitialised: ");
    Model trained = Model.load(run.resolve("model.safetensors"));
    assertThat(trained.card().preprocessing().mean()).containsExactly(0.25f);
    assertThat(trained.card().preprocessing().std()).containsExactly(0.5f);
    assertThat(Files.readString(run.resolve("config.json"))).contains("\"pretrained\" : \"" + name + "\"");
    assertThat(Cli.run("train", "--resume", "--out", run).succeeds().err()).contains("this run is finished already");
    assertThat(
        Cli.run("overfit", "--pretrained", name, "--model", "lenet5", "--data", "digits:100", "--steps", 1, "--batch-size", 4)
            .succeeds().err())
        .contains("--pretrained " + name + ": ", "fc3.weight");
    Files.write(there, new byte[100]);
    assertThat(Cli.run("overfit", "--pretrained", name).failsWith(1))
        .contains(there + ": is damaged or another file, expected the"
            + " SHA-256 " + sum);
    Files.delete(there);
  }

  @Test
  void listsWhatIsHere() throws IOException {
    add("--network", "lenet5", "--source", "our lab").succeeds();
    assertThat(Cli.run("pretrained", "path", name).failsWith(1)).contains("is not in the cache");
    Path there = place();
    assertThat(Cli.run("pretrained", "path", name).succeeds().out()).isEqualTo(there + "\n");
    assertThat(Cli.run("pretrained", "get", name).succeeds().out()).isEqualTo(there + "\n");
    assertThat(Cli.run("pretrained", "list").succeeds().out())
        .contains("resnet18 ", "--network resnet18 --classes 1000 --mean 0.485,0.456,0.406",
            name + "  our lab; not stated (here)");
    JsonNode last = Cli.run("pretrained", "list", "--json").succeeds().json().get("networks").valueStream().toList().getLast();
    assertThat(last.get("here").asBoolean()).isTrue();
    assertThat(last.get("convert").get("network").asString()).isEqualTo("lenet5");
    Files.delete(there);
  }

  @Test
  void refusesWhatIsWrong() {
    assertThat(Cli.run("pretrained", "add", name, "--url", "https://example.org/x.pth", "--sha256", "f37072fd").failsWith(2))
        .contains("--sha256: expected 64 hexadecimal digits, got 8");
    assertThat(Cli.run("pretrained", "add", "a b", "--url", "https://example.org/x.pth", "--sha256", sum).failsWith(2))
        .contains("expected a name", "'a b'");
    assertThat(Cli.run("pretrained", "add", name, "--url", "/tmp/x y.pth", "--sha256", sum).failsWith(2)).contains("--url");
    assertThat(add("--classes", 5).failsWith(2)).contains("belong to --network NETWORK");
    assertThat(REGISTRY.file()).doesNotExist();
    assertThat(Cli.run("train", "--pretrained", "resnet81").failsWith(2)).contains("did you mean resnet18?");
    assertThat(Cli.run("train", "--pretrained", "resnet18", "--init", file).failsWith(2)).contains("give one of them");
    assertThat(Cli.run("pretrained").failsWith(2)).contains("list, add, get, path");
  }
}

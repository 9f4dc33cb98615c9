package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.format.SafeTensors;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Parameters;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.GaussianPool2d;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
  private static final Layer NET =
      Sequential.of(
          Conv2d.of(3, 3).padding(1).named("conv"),
          Activation.LEAKY_RELU,
          GaussianPool2d.of(3, 1).named("pool"),
          new Flatten(),
          new Dropout(0.2),
          Linear.of(2).named("fc"));

  private static final Card CARD =
      new Card(
          "tiny",
          List.of("cat", "hat \"quoted\" 猫"),
          Preprocessing.of(Shape.of(1, 6, 6), Fit.INK).mean(0.25f).std(0.5f),
          Map.of("seed", "7", "data", "nothing"));

  @TempDir
  private Path folder;

  @Test
  void modelRoundTripsThroughAFile() {
    Model model = Model.create(NET, CARD, 7);
    Path file = folder.resolve("model.safetensors");
    model.save(file);
    Model back = Model.load(file);
    assertThat(back.card()).isEqualTo(CARD);
    assertThat(back.graph()).hasToString(model.graph().toString());
    assertThat(back.parameters().fingerprint()).isEqualTo(model.parameters().fingerprint());
    assertThat(back.parameters().trainableSize()).isEqualTo(model.parameters().trainableSize());
  }

  @Test
  void aFolderIsReadAsItsModelFile() throws IOException {
    Model model = Model.create(NET, CARD, 7);
    model.save(folder.resolve("model.safetensors"));
    assertThat(Model.load(folder).parameters().fingerprint()).isEqualTo(model.parameters().fingerprint());
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> Model.load(empty)).isInstanceOf(FoveaException.class)
        .hasMessage(empty.resolve("model.safetensors") + ": no such file");
  }

  @Test
  void savingTwiceWritesTheSameBytes() throws IOException {
    Model model = Model.create(NET, CARD, 7);
    model.save(folder.resolve("a"));
    Model.load(folder.resolve("a")).save(folder.resolve("b"));
    assertThat(folder.resolve("b")).hasSameBinaryContentAs(folder.resolve("a"));
  }

  /** Older versions of Fovea wrote "deviation" for the std of the preprocessing. */
  @Test
  void theFormerKeyOfTheStdIsRead() {
    Path file = folder.resolve("model.safetensors");
    Model.create(NET, CARD, 7).save(file);
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    readInto(file, metadata, tensors);
    String card = String.valueOf(metadata.get("fovea.card"));
    assertThat(card).containsOnlyOnce("\"std\":").doesNotContain("deviation");
    metadata.put("fovea.card", card.replace("\"std\":", "\"deviation\":"));
    SafeTensors.write(file, tensors, metadata);
    assertThat(Model.load(file).card()).isEqualTo(CARD);
  }

  @Test
  void theTemperatureIsStoredIfThereIsOne() {
    Path file = folder.resolve("model.safetensors");
    Model model = Model.create(NET, CARD, 7);
    model.withCard(CARD.temperature(1.7)).save(file);
    assertThat(Model.load(file).card()).isEqualTo(CARD.temperature(1.7)).isNotEqualTo(CARD);
    assertThat(Model.load(file).withClasses(List.of("x", "y"), 1).card().temperature()).as("to be trained again").isEqualTo(1);
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    readInto(file, metadata, tensors);
    String card = String.valueOf(metadata.get("fovea.card"));
    assertThat(card).contains("\"temperature\":1.7");
    for (String bad : List.of("0", "-1", "1e999", "\"hot\"", "null")) {
      metadata.put("fovea.card", card.replace("\"temperature\":1.7", "\"temperature\":" + bad));
      SafeTensors.write(file, tensors, metadata);
      assertThatThrownBy(() -> Model.load(file)).as(bad).isInstanceOf(FoveaException.class)
          .hasMessageContainingAll(file.toString(), "temperature");
    }
    model.save(file);
    readInto(file, metadata, tensors);
    assertThat(metadata.get("fovea.card")).doesNotContain("temperature");
  }

  private static void readInto(Path file, Map<String, String> metadata, Map<String, Tensor> tensors) {
    try (SafeTensors read = SafeTensors.read(file)) {
      metadata.putAll(read.metadata());
      read.names().forEach(name -> tensors.put(name, read.tensor(name)));
    }
  }

  @Test
  void namesThatCouldNotBeReadAgainAreNotWritten() {
    GraphBuilder g = new GraphBuilder();
    g.output("scores\u001b[31m", g.input("x", Shape.of(1, 2)));
    Model model = new Model(g.build(), Parameters.initial(g.build(), 1), Card.of("net"));
    Path file = folder.resolve("escape.safetensors");
    assertThatThrownBy(() -> model.save(file)).isInstanceOf(FoveaException.class)
        .hasMessageContainingAll(file + ": output", "no control characters", "'scores\\u001b[31m'");
    assertThat(file).doesNotExist();
  }

  @Test
  void tensorsWithoutAGraphAreRefused() {
    Path file = folder.resolve("weights.safetensors");
    SafeTensors.write(file, Map.of("w", new Tensor(Shape.of(2), new float[2])), Map.of("format", "pt"));
    assertThatThrownBy(() -> Model.load(file))
        .isInstanceOf(FoveaException.class)
        .hasMessage(file + ": holds 1 tensor without a network: convert it with the network that they belong to");
  }

  @Test
  void tensorsThatDoNotMatchTheGraphAreRefused() {
    Path file = folder.resolve("model.safetensors");
    Model.create(NET, CARD, 7).save(file);
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    readInto(file, metadata, tensors);
    tensors.put("fc.bias", new Tensor(Shape.of(3), new float[3]));
    SafeTensors.write(file, tensors, metadata);
    assertThatThrownBy(() -> Model.load(file)).hasMessage(file + ": tensor 'fc.bias' is 3, the graph expects 2");
    tensors.remove("fc.bias");
    SafeTensors.write(file, tensors, metadata);
    assertThatThrownBy(() -> Model.load(file))
        .hasMessage(file + ": the graph needs a tensor 'fc.bias', which is not in the file");
  }

  /** A damaged file either loads as a model or fails with a one-line message. */
  @Test
  void damagedFilesFailWithOneLine() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Model.create(NET, CARD, 7).save(file);
    byte[] whole = Files.readAllBytes(file);
    Rng random = Rng.of(11);
    int header = new String(whole, StandardCharsets.ISO_8859_1).indexOf("}}") + 2;
    for (int i = 0; i < 600; i++) {
      byte[] damaged = whole.clone();
      int at = random.below(3L * i, Math.max(header, 16));
      damaged[at] =
          (byte) (i % 2 == 0 ? "0123456789[]{}\",:ab".charAt(random.below(3L * i + 1, 19)) : random.below(3L * i + 2, 256));
      Files.write(file, damaged);
      try {
        assertThat(Model.load(file).card().classes()).isNotEmpty();
      } catch (FoveaException e) {
        assertThat(e.getMessage()).as("byte %d of %d", at, whole.length).contains("model.safetensors").doesNotContain("\n");
      }
    }
  }

  @Test
  void theNumberOfClassesMustMatchTheOutput() {
    Card threeClasses = new Card("tiny", List.of("a", "b", "c"), CARD.preprocessing(), Map.of());
    assertThatThrownBy(() -> Model.create(NET, threeClasses, 1))
        .isInstanceOf(FoveaException.class)
        .hasMessage("a model of 3 classes needs an output for each class, got 1x2");
    assertThatThrownBy(() -> new Card("tiny", List.of("a"), CARD.preprocessing(), Map.of()))
        .hasMessageContaining("2 classes or more");
  }
}

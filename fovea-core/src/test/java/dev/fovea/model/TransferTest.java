package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.format.SafeTensors;
import dev.fovea.graph.Parameters;
import dev.fovea.layer.Activation;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransferTest {
  @TempDir
  private Path folder;

  private static Model model(int classes, long seed) {
    return Model.create(
        Sequential.of(Conv2d.of(2, 3).named("conv"), BatchNorm2d.standard().named("bn"), new Flatten(),
            Linear.of(classes).named("fc")),
        Shape.of(1, 5, 5), seed);
  }

  private static float[] values(Model model, String name) {
    Parameters.Entry entry = model.parameters().entry(name);
    return Arrays.copyOfRange(model.parameters().values(), entry.offset(), entry.offset() + entry.shape().size());
  }

  private Path saved(Model model) {
    Path file = folder.resolve("from.safetensors");
    model.save(file);
    return file;
  }

  @Test
  void theSameNetworkLoadsAllParameters() {
    Model from = model(3, 1);
    from.parameters().values()[from.parameters().entry("bn.running_mean").offset()] = 0.5f;
    Model to = model(3, 2);
    long version = to.parameters().version();
    assertThat(to.loadWeights(saved(from))).hasToString("8 of 8 parameters loaded");
    assertThat(to.parameters().fingerprint()).isEqualTo(from.parameters().fingerprint());
    assertThat(to.parameters().version()).isGreaterThan(version);
  }

  @Test
  void otherClassesLoadAllButTheLastLayer() {
    Model from = model(3, 1);
    Model to = model(4, 2);
    Transfer transfer = to.loadWeights(saved(from));
    assertThat(transfer.mismatched()).containsExactly("fc.weight (3x18 in the file, 4x18 here)",
        "fc.bias (3 in the file, 4 here)");
    assertThat(transfer)
        .hasToString("6 of 8 parameters loaded; shape mismatch, not loaded: fc.weight (3x18 in the file, 4x18 here),"
            + " fc.bias (3 in the file, 4 here)");
    assertThat(values(to, "conv.weight")).isEqualTo(values(from, "conv.weight"));
    assertThat(values(to, "fc.weight")).isEqualTo(values(model(4, 2), "fc.weight"));
    assertThat(values(to, "fc.bias")).isEqualTo(values(model(4, 2), "fc.bias"));
  }

  @Test
  void missingAndUnusedTensorsAreReported() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("conv.bias", new Tensor(Shape.of(2), new float[] {7, 8}));
    for (int i = 0; i < 9; i++) {
      tensors.put("head" + i, new Tensor(Shape.of(1), new float[1]));
    }
    Path file = folder.resolve("torch.safetensors");
    SafeTensors.write(file, tensors, Map.of("format", "pt"));
    Model to = model(3, 2);
    assertThat(to.loadWeights(file))
        .hasToString("1 of 8 parameters loaded; missing in the file: conv.weight, bn.weight, bn.bias, fc.weight, fc.bias,"
            + " bn.running_mean, bn.running_var; unused in the file: head0, head1, head2, head3, head4, head5 and 3 more");
    assertThat(values(to, "conv.bias")).containsExactly(7, 8);
    assertThat(values(to, "conv.weight")).isEqualTo(values(model(3, 2), "conv.weight"));
  }

  @Test
  void aFileWithoutMatchingTensorsIsRefused() {
    Path file = folder.resolve("other.safetensors");
    SafeTensors.write(file, Map.of("conv.bias", new Tensor(Shape.of(3), new float[3])), Map.of());
    assertThatThrownBy(() -> model(3, 1).loadWeights(file))
        .isInstanceOf(FoveaException.class)
        .hasMessage(
            file + ": none of its tensors has the name and the shape of one of the network's 8 parameters: give the weights of"
                + " a network that shares layers with it");
    assertThatThrownBy(() -> model(3, 1).loadWeights(folder.resolve("absent")))
        .hasMessageContaining("absent: no such file");
  }

  private Path written(Map<String, Shape> shapes) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> {
      float[] values = new float[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = i;
      }
      tensors.put(name, new Tensor(shape, values));
    });
    Path file = folder.resolve("weights.safetensors");
    SafeTensors.write(file, tensors, Map.of());
    return file;
  }

  private static Transfer load(Path file, NameMap map, Model model) {
    try (SafeTensors tensors = SafeTensors.read(file)) {
      return Transfer.of(tensors, file, map, model);
    }
  }

  /** The classifier of a VGG, three fully connected layers with dropout between them, on maps of 2 x 5 x 5. */
  private static Model vgg() {
    return Model.create(Sequential.of(new Flatten(),
        Sequential
            .of(Linear.of(4), Activation.RELU, new Dropout(0.5), Linear.of(4), Activation.RELU, new Dropout(0.5), Linear.of(3))
            .named("classifier")),
        Shape.of(2, 5, 5), 1);
  }

  @Test
  void fullyConnectedLayersAndConvolutionsOfTheSameWeightsLoadIntoEachOther() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("pre_logits.fc1.weight", Shape.of(4, 2, 5, 5));
    shapes.put("pre_logits.fc1.bias", Shape.of(4));
    shapes.put("pre_logits.fc2.weight", Shape.of(4, 4, 1, 1));
    shapes.put("pre_logits.fc2.bias", Shape.of(4));
    shapes.put("head.fc.weight", Shape.of(3, 4));
    shapes.put("head.fc.bias", Shape.of(3));
    Model to = vgg();
    Transfer transfer = load(written(shapes), NameMap.none(), to);
    assertThat(transfer.isComplete()).isTrue();
    assertThat(transfer.unused()).isEmpty();
    assertThat(transfer.notes()).containsExactly("names: timm's names of VGG",
        "pre_logits.fc1.weight of 4x2x5x5 is loaded as 4x50", "pre_logits.fc2.weight of 4x4x1x1 is loaded as 4x4");
    float[] values = values(to, "classifier.0.weight");
    assertThat(values).hasSize(200);
    assertThat(values[199]).isEqualTo(199);
    Model convolution = Model.create(Sequential.of(Conv2d.of(3, 5).named("conv"), new Flatten()), Shape.of(2, 5, 5), 1);
    assertThat(
        load(written(Map.of("conv.weight", Shape.of(3, 50), "conv.bias", Shape.of(3))), NameMap.none(), convolution).notes())
        .containsExactly("conv.weight of 3x50 is loaded as 3x2x5x5");
    assertThat(
        load(written(Map.of("conv.weight", Shape.of(2, 75), "conv.bias", Shape.of(3))), NameMap.none(), convolution).mismatched())
        .containsExactly("conv.weight (2x75 in the file, 3x2x5x5 here)");
  }

  @Test
  void mapGivesTensorsOtherNames() throws IOException {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("first.w", Shape.of(2, 1, 3, 3));
    shapes.put("first.b", Shape.of(2));
    shapes.put("bn.weight", Shape.of(2));
    shapes.put("conv.bias", Shape.of(7));
    Path file = written(shapes);
    Path text = folder.resolve("map.txt");
    Files.writeString(text, "\uFEFF# comment\n\n first.w = conv.weight \r\nfirst.b=conv.bias\n");
    Model to = model(3, 1);
    Transfer transfer = load(file, NameMap.read(text), to);
    assertThat(transfer.loaded()).containsExactly("conv.weight", "conv.bias", "bn.weight");
    assertThat(transfer.missing()).containsExactly("bn.bias", "fc.weight", "fc.bias", "bn.running_mean", "bn.running_var");
    assertThat(transfer.unused()).containsExactly("conv.bias");
    assertThat(transfer.isComplete()).isFalse();
    assertThat(transfer.report()).isEqualTo("""
        3 of 8 parameters loaded
        missing in the file (5):
          bn.bias
          fc.weight
          fc.bias
          bn.running_mean
          bn.running_var
        in the file, but not in the network (1):
          conv.bias""");
  }

  @Test
  void namesOfTheMapThatDoNotExistAreRefused() throws IOException {
    Path file = written(Map.of("conv.weights", Shape.of(2)));
    Path text = folder.resolve("map.txt");
    Files.writeString(text, "conv.weight = conv.weight");
    assertThatThrownBy(() -> load(file, NameMap.read(text), model(3, 1)))
        .hasMessage(text + ":1: " + file + " has no tensor 'conv.weight'; did you mean 'conv.weights'?");
    Files.writeString(text, "conv.weights = conv.weigth");
    assertThatThrownBy(() -> load(file, NameMap.read(text), model(3, 1)))
        .hasMessage(text + ":1: the network has no parameter 'conv.weigth'; did you mean 'conv.weight'?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "= b", "a =", "a = b = c"})
  void wrongLinesOfAMapAreNamedByTheirNumber(String line) throws IOException {
    Path text = folder.resolve("map.txt");
    Files.writeString(text, "# names\n" + line + "\n");
    assertThatThrownBy(() -> NameMap.read(text)).isInstanceOf(FoveaException.class)
        .hasMessage(text + ":2: expected NAME IN THE FILE = NAME IN THE NETWORK, got '" + line + "'");
  }

  @Test
  void doubleNamesOfAMapAreRefused() throws IOException {
    Path text = folder.resolve("map.txt");
    Files.writeString(text, "a = b\na = c\n");
    assertThatThrownBy(() -> NameMap.read(text)).hasMessage(text + ":2: 'a' has a name already");
    Files.writeString(text, "a = b\nc = b\n");
    assertThatThrownBy(() -> NameMap.read(text)).hasMessage(text + ":2: 'b' is given to another tensor in line 1");
    Files.write(text, new byte[] {'a', (byte) 0xff});
    assertThatThrownBy(() -> NameMap.read(text)).hasMessage(text + ": is not UTF-8 text; save it as UTF-8");
    assertThatThrownBy(() -> NameMap.read(folder)).hasMessageContaining("expected a text file");
  }
}

package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.format.SafeTensors;
import dev.fovea.graph.Parameters;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}

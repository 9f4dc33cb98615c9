package dev.fovea.formats.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.format.SafeTensors;
import dev.fovea.format.TensorFile;
import dev.fovea.formats.names.KeyLists;
import dev.fovea.formats.names.KeyLists.TensorKey;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuggingFaceFormatTest {
  @TempDir
  private Path folder;

  private final HuggingFaceFormat format = new HuggingFaceFormat();

  private void config(String json) throws IOException {
    Files.writeString(folder.resolve("config.json"), json);
  }

  /** Tensor number i is filled with i/1000; the classifier is cut to {@code classes}. */
  private void weights(Map<String, TensorKey> keys, int classes) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int number = 0;
    for (Map.Entry<String, TensorKey> entry : keys.entrySet()) {
      number++;
      if (entry.getValue().dtype().equals("float32")) {
        Shape shape = entry.getValue().shape();
        shape = shape.dim(0) == 1000 ? shape.with(0, classes) : shape;
        float[] values = new float[shape.size()];
        Arrays.fill(values, number / 1000f);
        tensors.put(entry.getKey(), new Tensor(shape, values));
      }
    }
    SafeTensors.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(String json) throws IOException {
    config(json);
    return assertThatThrownBy(() -> format.read(folder)).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith(folder.toString());
  }

  /** What a fuzzer found: sizes without a bound, messages without the file, and names that hide characters. */
  @Test
  void hostileConfigsAreRefusedInOneLine() throws IOException {
    String file = folder.resolve("config.json").toString();
    refused("{\"architecture\": \"resnet18\", \"num_classes\": 2000000000}")
        .hasMessage(file + ": a classifier has 2 classes or more, at most 131072, num_classes is 2000000000");
    refused("{\"architecture\": \"resnet18\", \"num_classes\": 2, \"input_size\": [0, 224, 224]}")
        .hasMessage(file + ": a shape's sizes must be 1 or more, got 0x224x224");
    refused("{\"architecture\": \"resnet18\", \"num_classes\": 2, \"std\": [0.1, 0, 0.1]}")
        .hasMessageStartingWith(file + ": preprocessing: channel 1");
    refused("{\"architecture\": \"vgg11\u200b\"}").hasMessageStartingWith(file + ": the architecture 'vgg11\\u200b' is not one");
  }

  @Test
  void folderOfTimmIsAModel() throws IOException {
    weights(KeyLists.network("timm-1.0", "mobilenet-v2"), 3);
    config("""
        {"architecture": "mobilenetv2_100", "num_classes": 3, "num_features": 1280, "label_names": ["n01", "n02", "n03"],
         "label_descriptions": {"n01": "tench", "n03": "shark"},
         "pretrained_cfg": {"tag": "ra_in1k", "input_size": [3, 192, 160], "interpolation": "bicubic", "crop_pct": 0.875,
           "crop_mode": "center", "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.5, 0.75], "num_classes": 1000, "first_conv": "conv_stem"}}
        """);
    assertThat(format.matches(folder)).isTrue();
    Model model = format.read(folder);
    assertThat(model.card().network()).isEqualTo("mobilenet-v2");
    assertThat(model.card().classes()).containsExactly("tench", "n02", "shark");
    assertThat(model.input()).isEqualTo(Shape.of(3, 192, 160));
    assertThat(model.card().preprocessing().mean()).containsExactly(0.5f, 0.5f, 0.5f);
    assertThat(model.card().preprocessing().std()).containsExactly(0.25f, 0.5f, 0.75f);
    assertThat(model.card().preprocessing().resize()).isEqualTo(219);
    assertThat(model.card().provenance()).containsEntry("tag", "ra_in1k").containsEntry("interpolation", "bicubic")
        .containsEntry("crop_pct", "0.875");
    assertThat(model.parameters().values()[model.parameters().entry("features.0.0.weight").offset()]).isEqualTo(0.001f);
    try (TensorFile tensors = format.tensors(folder)) {
      assertThat(tensors.names()).contains("conv_stem.weight");
    }
  }

  @Test
  void labelsByNumberAndSettingsBesideTheArchitectureAreRead() throws IOException {
    weights(KeyLists.network("torchvision-0.28", "squeezenet1.1"), 2);
    config("""
        {"architecture": "torchvision.models.squeezenet1_1", "id2label": {"1": "dog", "0": "cat"}, "input_size": [3, 96, 96]}
        """);
    Model model = format.read(folder);
    assertThat(model.card().classes()).containsExactly("cat", "dog");
    assertThat(model.input()).isEqualTo(Shape.of(3, 96, 96));
    assertThat(model.card().preprocessing().mean()).containsExactly(0.485f, 0.456f, 0.406f);
    assertThat(model.card().preprocessing().resize()).isEqualTo(109);
  }

  @ParameterizedTest
  @CsvSource({"resnet18, resnet18", "resnet18.a1_in1k, resnet18", "timm/resnet50.tv_in1k, resnet50", "vgg16_bn, vgg16-bn",
      "mobilenet_v2, mobilenet-v2", "alexnet, alexnet-torchvision", "googlenet, googlenet-torchvision",
      "squeezenet1_0, squeezenet1.0", "torchvision.models.densenet121, densenet121", "tv_resnet34, resnet34"})
  void architecturesHaveTheZoosNetworks(String architecture, String network) {
    assertThat(Architectures.find(architecture, "c").name()).isEqualTo(network);
  }

  @Test
  void foldersThatAreNotOursAreLeftAlone() throws IOException {
    assertThat(format.matches(folder)).isFalse();
    config("{\"fovea\": \"1\"}");
    assertThat(format.matches(folder)).isFalse();
    Files.createFile(folder.resolve("model.safetensors"));
    assertThat(format.matches(folder)).isFalse();
    config("{}");
    assertThat(format.matches(folder)).isTrue();
  }

  @Test
  void whatTheZooDoesNotHaveIsRefusedByName() throws IOException {
    Files.createFile(folder.resolve("model.safetensors"));
    refused("{}").hasMessageContaining("'architecture' is missing");
    refused("{\"model_type\": \"resnet\"}").hasMessageContaining("a model of transformers, 'resnet'");
    refused("{\"architecture\": \"resnet19\"}")
        .hasMessageContaining("'resnet19' is not one of the zoo's networks: did you mean resnet18?");
    refused("{\"architecture\": 3}").hasMessageContaining("'architecture' must be a string");
    refused("{\"architecture\": \"resnet18\", \"model_args\": {\"act_layer\": \"gelu\"}}").hasMessageContaining("'act_layer'");
    refused("{\"architecture\": \"resnet18\", \"num_classes\": 0}").hasMessageContaining("num_classes is 0");
    refused("{\"architecture\": \"resnet18\", \"num_classes\": 3, \"label_names\": [\"a\", \"b\"]}")
        .hasMessageContaining("has 2 names for 3 classes");
    refused("{\"architecture\": \"resnet18\", \"id2label\": {\"0\": \"a\", \"2\": \"b\"}}")
        .hasMessageContaining("'1' is missing");
    refused("{\"architecture\": \"resnet18\", \"input_size\": [224]}").hasMessageContaining("the sizes C, H and W, got 224");
    refused("{\"architecture\": \"resnet18\", \"mean\": [\"x\", 0, 0]}").hasMessageContaining("expected numbers, got 'x'");
    refused("{\"architecture\": \"resnet18\", \"crop_pct\": 0}").hasMessageContaining("crop_pct is 0.0, expected more than 0.1");
    refused("[").hasMessageContaining("not valid JSON");
  }

  @Test
  void weightsOfAnotherNetworkAndShardsAreRefused() throws IOException {
    weights(KeyLists.network("torchvision-0.28", "squeezenet1.1"), 2);
    refused("{\"architecture\": \"squeezenet1_0\", \"num_classes\": 2}")
        .hasMessageContaining("the weights are not those of squeezenet1.0 with 2 classes");
    Files.move(folder.resolve("model.safetensors"), folder.resolve("model.safetensors.index.json"));
    assertThat(format.matches(folder)).isTrue();
    refused("{\"architecture\": \"squeezenet1_1\", \"num_classes\": 2}").hasMessageContaining("has its weights in several files");
  }
}

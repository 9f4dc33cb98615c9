package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.LeNet5;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Printed tables, word by word. */
class TablesTest {
  @TempDir
  private Path folder;

  @Test
  void modelsListsTheZoo() {
    String out = Cli.run("models").succeeds().out();
    assertThat(out.replaceAll("  +", "  "))
        .startsWith(
            """
            network  input  parameters  epochs  batch  lr  about
            logistic  1x28x28  785  6  64  0.03  one sigmoid unit for two classes
            mlp  1x28x28  109,386  6  64  0.03  a multilayer perceptron, hidden layers of 128 and 64 units (--activation, --hidden)
            lenet5  1x28x28  61,706  6  64  0.03  LeNet-5 in its modern form, LeCun et al. 1998 (--activation, --pool)
            lenet-caffe  1x28x28  431,080  6  64  0.03  the LeNet of Caffe's example (--activation, --pool)
            """);
    assertThat(out.lines().skip(1).map(line -> line.split(" ", 2)[0]))
        .containsExactlyElementsOf(Zoo.networks().stream().map(Network::name).toList());
  }

  @Test
  void dataListsDataSetsAndCache() {
    assertThat(Cli.run("data").succeeds().out())
        .contains("digits[:N] ", "(here)", "mnist[:DIR] ", "fashion-mnist[:DIR] ", "cifar10[:DIR] ", "images:DIR ", "\ncache: ");
  }

  @Test
  void summaryShowsLayersTotalsAndMemory() {
    String out = Cli.run("summary", "lenet5", "--pool", "gaussian", "--batch-size", 8).succeeds().out();
    assertThat(out)
        .startsWith(
            """
            layer  operator                                     output    parameters   multiply-adds      field    jump
            input                                              1x28x28                                        1       1
            conv1  Conv 5x5 padding 2                          6x28x28           156         117,600          5       1
            1      Relu                                        6x28x28                                        5       1
            pool1  Conv 3x3 stride 2 padding 1 groups 6        6x14x14            54          10,584          7       2
            conv2  Conv 5x5                                   16x10x10         2,416         240,000         15       2
            4      Relu                                       16x10x10                                       15       2
            pool2  Conv 3x3 stride 2 padding 1 groups 16        16x5x5           144           3,600         19       4
            6      Flatten                                         400                                       35
            fc1    Gemm                                            120        48,120          48,000         35
            8      Relu                                            120                                       35
            fc2    Gemm                                             84        10,164          10,080         35
            10     Relu                                             84                                       35
            fc3    Gemm                                             10           850             840         35

            61,904 parameters, 61,706 trainable and 198 frozen
            430,704 multiply-adds per image
            memory at batch 8: \
            """);
    assertThat(out).containsPattern(" MiB of parameters\npeak of the process: \\d+ MiB to predict, \\d+ MiB to train by SGD with"
        + " momentum, without the data set\n");
    assertThat(out).endsWith("data set\nnotation: input 1x28x28 -> conv 6 5x5 -> relu -> pool gaussian"
        + " -> conv 16 5x5 pad 0 -> relu -> pool gaussian -> fc 120 -> relu -> fc 84 -> relu -> fc 10\n");
  }

  @Test
  void trainingNeedsMoreMemoryThanInferenceAndABatchMoreThanAnImage() {
    JsonNode one = Cli.run("summary", "lenet5", "--batch-size", 1, "--json").succeeds().json();
    JsonNode many = Cli.run("summary", "lenet5", "--batch-size", 64, "--json").succeeds().json();
    assertThat(one.get("parameters").asLong()).isEqualTo(61_706);
    assertThat(one.get("parameter_bytes").asLong()).isEqualTo(4 * 61_706);
    assertThat(one.get("layers").size()).isEqualTo(12);
    assertThat(many.get("training_bytes").asLong()).isGreaterThan(many.get("inference_bytes").asLong());
    assertThat(many.get("inference_bytes").asLong()).isGreaterThan(one.get("inference_bytes").asLong());
    assertThat(many.get("multiply_adds")).isEqualTo(one.get("multiply_adds"));
    assertThat(many.get("inference_peak_bytes").asLong())
        .isGreaterThan(many.get("parameter_bytes").asLong() + many.get("inference_bytes").asLong());
    assertThat(many.get("training_peak_bytes").asLong())
        .isGreaterThan(2 * many.get("parameter_bytes").asLong() + many.get("training_bytes").asLong());
  }

  @ParameterizedTest
  @CsvSource(delimiter = ':', value = {
      "alexnet:60,965,224", "alexnet-torchvision:61,100,840", "zfnet:62,357,608", "vgg11:132,863,336", "vgg16:138,357,544",
      "vgg19:143,667,240", "googlenet:6,998,552", "googlenet:13,378,280", "resnet18:11,689,512", "resnet50:25,557,032",
      "squeezenet1.1:1,235,496", "mobilenet_v2:3,504,872", "densenet121:7,978,856", "fcn32s:136,152,917", "fcn16s:134,815,994",
      "fcn8s:134,489,759", "vgg-small:3,248,202"})
  @Tag("slow")
  void summaryCountsParametersWithThePapersClasses(String network, String parameters) {
    assertThat(Cli.run("summary", network).succeeds().out()).containsPattern("(?m)(^|, )" + parameters + " ");
    assertThat(Cli.run("summary", network, "--classes", 7).succeeds().out()).doesNotContain(parameters);
  }

  @Test
  void summaryOfAModelFile() {
    Path file = folder.resolve("m.safetensors");
    Model.create(LeNet5.modern(3), Shape.of(1, 20, 20), 1).save(file);
    assertThat(Cli.run("summary", file).succeeds().out()).contains("input ", "1x20x20", "fc3 ");
    assertThat(Cli.run("summary", file, "--classes", 5).failsWith(2)).contains("--classes: ").contains("leave the option out");
    assertThat(Cli.run("summary", file, "--input", "1x28x28").failsWith(1))
        .contains("an image of 1x28x28 does not suit this model, which expects 1x20x20: fc1: Gemm expects 144 inputs, got 400");
  }

  @Test
  void demosShowTheWorkedExample() {
    assertThat(Cli.run("demo", "convolution").succeeds().out())
        .startsWith(
            """
            Convolution, element by element

            input    5x5x3   (H x W x D)
            filters  2 of 3x3x3, stride S = 2, padding P = 1
            output   Ho = (H - F + 2P) / S + 1 = (5 - 3 + 2*1) / 2 + 1 = 3, so 3x3x2
            weights  D*F*F*K = 3*3*3*2 = 54, and K = 2 biases

            Input, padded with zeros (.):
              channel 0                 channel 1                 channel 2
              .  .  .  .  .  .  .       .  .  .  .  .  .  .       .  .  .  .  .  .  .
              .  1  0  2  1  0  .       .  0  1  1  2  0  .       .  2  0  0  1  2  .
            """)
        .contains("  sum = 5 + 3 + 3 + bias 1 = 12\n");
    assertThat(Cli.run("demo", "backpropagation").succeeds().out())
        .contains("\ndb[0] = 1 + 0 + (-1) + 2 + 1 + 0 + 0 + (-1) + 1 = 3\n", "\nAll of dX:\n");
  }

  @Test
  @Tag("slow")
  void demoSlidingComparesBothVariants() {
    assertThat(Cli.run("demo", "sliding", "--model", "lenet-caffe", "--scale", "2").succeeds().out())
        .startsWith("A classifier of 1x28x28 on an image of 1x56x56: 64 windows.\n  crop by crop ")
        .contains("\n  in one pass  ", "\n  ratio  ");
    assertThat(Cli.run("demo", "sliding", "--scale", "21").failsWith(2)).contains("--scale: expected 1 to 20, got 21");
  }
}

package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.formats.KnownImages;
import dev.fovea.formats.numpy.Npy;
import dev.fovea.formats.onnx.Onnx;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import dev.fovea.testkit.RealData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trained networks by others give the outputs that lie beside them. */
class PretrainedTest {
  private static final double FLOAT = 1e-4;

  /** Roundings fall on the other side where sums have another order. */
  private static final double INT8 = 0.04;

  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  @Test
  void faceDetector() {
    Path folder = RealData.folder("pretrained/ultraface");
    Tensor x = Npy.read(folder.resolve("input.npy")).tensor();
    Model imported = Onnx.read(folder.resolve("version-slim-320_simplified.onnx"));
    Map<String, float[]> outputs = run(imported, x);
    assertClose(Objects.requireNonNull(outputs.get("scores")),
        Npy.read(folder.resolve("version-slim-320_simplified-scores.npy")).tensor().values(), FLOAT);
    assertClose(Objects.requireNonNull(outputs.get("boxes")),
        Npy.read(folder.resolve("version-slim-320_simplified-boxes.npy")).tensor().values(), FLOAT);
  }

  @Test
  void textDirection() {
    Path folder = RealData.folder("pretrained/ppocr-cls-onnx");
    Tensor x = Npy.read(folder.resolve("input.npy")).tensor();
    Model imported = Onnx.read(folder.resolve("ch_ppocr_mobile_v2.0_cls_infer.onnx"));
    float[] got = run(imported, x).values().iterator().next();
    assertClose(got, Npy.read(folder.resolve("output.npy")).tensor().values(), FLOAT);
  }

  /** CNTK's digits: images of MNIST, 0 to 1. */
  @Test
  void digits() throws IOException {
    Path folder = RealData.folder("pretrained/mnist-onnx");
    Model imported = Onnx.read(folder.resolve("mnist.onnx"));
    assertThat(imported.graph().nodes().stream().map(node -> node.op().type())).contains("Conv", "Flatten", "Gemm")
        .doesNotContain("Reshape", "Add", "MatMul");
    float[] got = run(imported, KnownImages.batch(KnownImages.mnist(), unit(1, 28))).values().iterator().next();
    assertClose(got, Npy.read(folder.resolve("logits-first1000-input-0to1.npy")).tensor().values(), FLOAT);
  }

  /** Pixels from 0 to 1. */
  private static Preprocessing unit(int channels, int side) {
    return Preprocessing.of(Shape.of(channels, side, side), Fit.STRETCH);
  }

  /** Shortcuts that pad channels and skip pixels. */
  @Test
  void cifarByAResidualNetwork() throws IOException {
    Path folder = RealData.folder("pretrained/resnet-cifar10");
    Model imported = Onnx.read(folder.resolve("resnet20.onnx"));
    Tensor x = KnownImages.batch(KnownImages.cifar(), unit(3, 32).mean(MEAN).std(STD));
    assertClose(run(imported, x).values().iterator().next(),
        Npy.read(folder.resolve("resnet20-logits-first1000.npy")).tensor().values(), FLOAT);
  }

  /** TensorFlow's channels last: only the input is transposed. */
  @Test
  void channelsLast() throws IOException {
    Path folder = RealData.folder("pretrained/cifar10-squeezenet-onnx");
    Model imported = Onnx.read(folder.resolve("squeezenet_cifar10.onnx"));
    Graph graph = imported.graph();
    assertThat(graph.inputs()).singleElement().satisfies(input -> assertThat(input.shape()).isEqualTo(Shape.of(1, 32, 32, 3)));
    assertThat(graph.nodes().stream().filter(node -> node.op() instanceof Op.Transpose)).hasSize(1);
    Tensor x = KnownImages.batch(KnownImages.cifar(), unit(3, 32));
    float[] pixels = new float[x.values().length];
    int plane = 32 * 32;
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = x.values()[i / (3 * plane) * 3 * plane + i % 3 * plane + i / 3 % plane];
    }
    assertClose(run(imported, new Tensor(Shape.of(KnownImages.COUNT, 32, 32, 3), pixels)).values().iterator().next(),
        Npy.read(folder.resolve("prob-first1000.npy")).tensor().values(), FLOAT);
  }

  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"mobilenet_v2_float.onnx, logits.npy", "mobilenetv2_quant.onnx, logits_dynamic_int8.npy",
      "mobilenetv2_quant_static.onnx, logits_static_qdq.npy"})
  void photos(String model, String logits) throws IOException {
    Path folder = RealData.folder("pretrained-imagenet/mobilenet_v2-onnx");
    List<Path> photos;
    try (var files = Files.list(RealData.folder("pretrained-imagenet/photos"))) {
      photos = files.filter(file -> file.toString().endsWith(".png")).sorted().limit(8).toList();
    }
    Model imported = Onnx.read(folder.resolve(model));
    float[] expected = Npy.read(folder.resolve(logits)).tensor().values();
    List<Float> got = new ArrayList<>();
    for (Path photo : photos) {
      float[] one = run(imported, input(Image.read(photo))).values().iterator().next();
      for (float logit : one) {
        got.add(logit);
      }
    }
    float[] all = new float[got.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = got.get(i);
    }
    assertClose(all, expected, model.contains("quant") ? INT8 : FLOAT);
  }

  /** The middle of a photo of 256x256. */
  private static Tensor input(Image photo) {
    Image middle = photo.rgb().crop(16, 16, 224, 224);
    float[] x = new float[3 * 224 * 224];
    for (int i = 0; i < x.length; i++) {
      int channel = i / (224 * 224);
      x[i] = (middle.at(i % 224, i / 224 % 224, channel) / 255f - MEAN[channel]) / STD[channel];
    }
    return new Tensor(Shape.of(1, 3, 224, 224), x);
  }

  private static Map<String, float[]> run(Model imported, Tensor x) {
    String input = imported.graph().inputs().getFirst().name();
    Graph graph = Rewrite.withInputs(imported.graph(), Map.of(input, x.shape()));
    return OnnxCase.run(graph, imported.parameters(), Map.of(input, x.values()));
  }

  private static void assertClose(float[] got, float[] expected, double tolerance) {
    assertThat(got).hasSameSizeAs(expected);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < got.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(got[i] - expected[i]));
    }
    assertThat(difference / largest).isCloseTo(0, within(tolerance));
    assertThat(Arrays.equals(got, new float[got.length])).isFalse();
  }
}

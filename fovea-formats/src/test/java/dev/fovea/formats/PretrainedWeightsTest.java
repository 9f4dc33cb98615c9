package dev.fovea.formats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.format.FileNames;
import dev.fovea.format.TensorFile;
import dev.fovea.formats.numpy.Npy;
import dev.fovea.formats.onnx.Onnx;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormats;
import dev.fovea.model.NameMap;
import dev.fovea.model.Parity;
import dev.fovea.model.Transfer;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import dev.fovea.testkit.RealData;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks that others trained in PyTorch: read from their files into the zoo's networks, they give the outputs that PyTorch gives.
 * Float32 in another order of summation differs by less than 1e-4 of the largest output in networks of this depth.
 */
class PretrainedWeightsTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir
  private Path folder;

  private static Model filled(String notation, Preprocessing preprocessing, int classes, Path weights, NameMap map) {
    Network network = Zoo.find(notation);
    List<String> names = IntStream.range(0, classes).mapToObj(String::valueOf).toList();
    Network.Settings settings =
        new Network.Settings(classes, List.of(), Pooling.MAX, Activation.RELU);
    Model model = Model.create(network.layer(settings), new Card(notation, names, preprocessing, Map.of()), 0);
    try (TensorFile tensors = ModelFormats.tensors(weights)) {
      Transfer transfer = Transfer.of(tensors, weights, map, model);
      assertThat(transfer.isComplete()).as(transfer.report()).isTrue();
      assertThat(transfer.unused()).isEmpty();
    }
    return model.withThreads(2);
  }

  private static void check(Model model, Tensor images, Path expected) {
    Tensor logits = Npy.read(expected).tensor();
    Parity parity = Parity.of(model, Map.of(model.graph().inputs().getFirst().name(), images), Map.of("expected", logits));
    assertThat(parity.outputs().getFirst().relative()).isLessThan(TOLERANCE);
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(strings = {"resnet20-12fca82f.th", "resnet20.safetensors"})
  void resnet20ClassifiesCifar(String file) throws IOException {
    Path data = RealData.folder("pretrained").resolve("resnet-cifar10");
    Preprocessing p = Preprocessing.of(Shape.of(3, 32, 32), Fit.STRETCH).mean(0.485f, 0.456f, 0.406f).std(0.229f, 0.224f, 0.225f);
    Model model = filled("resnet20-cifar", p, 10, data.resolve(file), NameMap.none());
    check(model, KnownImages.batch(KnownImages.cifar(), p), data.resolve("resnet20-logits-first1000.npy"));
  }

  @Test
  void lenetClassifiesMnistThroughANotationAndAMap() throws IOException {
    Path data = RealData.folder("pretrained").resolve("mnist-pytorch");
    Path map = Files.writeString(folder.resolve("names.txt"), """
        # the class Net's attributes = positions in the notation
        convnet.c1.weight = 0.weight
        convnet.c1.bias = 0.bias
        convnet.c3.weight = 3.weight
        convnet.c3.bias = 3.bias
        convnet.c5.weight = 6.weight
        convnet.c5.bias = 6.bias
        fc.f6.weight = 8.weight
        fc.f6.bias = 8.bias
        fc.f7.weight = 10.weight
        fc.f7.bias = 10.bias
        """);
    Preprocessing p = Preprocessing.of(Shape.of(1, 32, 32), Fit.STRETCH).mean(0.1307f).std(0.3081f);
    Model model = filled("input 1x32x32 -> conv 6 5x5 pad 0 -> relu -> pool -> conv 16 5x5 pad 0 -> relu -> pool"
        + " -> conv 120 5x5 pad 0 -> relu -> fc 84 -> relu -> fc 10", p, 10, data.resolve("lenet_mnist_cnn.pt"),
        NameMap.read(map));
    // the file's outputs are after a log-softmax
    Tensor logits = model.run(KnownImages.batch(KnownImages.mnist(), p));
    Tensor expected = Npy.read(data.resolve("lenet-logprob-first1000.npy")).tensor();
    double worst = 0;
    double largest = 0;
    for (int i = 0; i < KnownImages.COUNT; i++) {
      double sum = 0;
      for (int c = 0; c < 10; c++) {
        sum += Math.exp(logits.values()[i * 10 + c]);
      }
      for (int c = 0; c < 10; c++) {
        double e = expected.values()[i * 10 + c];
        worst = Math.max(worst, Math.abs(logits.values()[i * 10 + c] - Math.log(sum) - e));
        largest = Math.max(largest, Math.abs(e));
      }
    }
    assertThat(worst / largest).isLessThan(TOLERANCE);
  }

  /** The stored outputs are those of photographs of 256 x 256, cropped to 224 x 224. */
  @Test
  @Tag("slow")
  void squeezenetAndMobilenetClassifyPhotographs() throws IOException {
    Path data = RealData.folder("pretrained-imagenet");
    Preprocessing p = Preprocessing.of(Shape.of(3, 224, 224), Fit.STRETCH).resize(256).mean(0.485f, 0.456f, 0.406f)
        .std(0.229f, 0.224f, 0.225f);
    Tensor photos = KnownImages.batch(photos(data), p);
    Path squeezenet = data.resolve("squeezenet1_1-torchvision");
    check(filled("squeezenet1.1", p, 1000, squeezenet.resolve("squeezenet1_1.safetensors"), NameMap.none()), photos,
        squeezenet.resolve("logits.npy"));
    Path mobilenet = data.resolve("mobilenet_v2-onnx");
    check(Onnx.read(mobilenet.resolve("mobilenet_v2_float.onnx")), photos, mobilenet.resolve("logits.npy"));
  }

  /**
   * The first answers of ONNX Runtime and PyTorch, with Pillow's decoder: the centre of each photograph without resizing, since its
   * shorter side is taken as the side that it is resized to.
   */
  @Test
  @Tag("slow")
  void firstAnswersOn135PhotographsAreThoseOfOthers() throws IOException {
    Path data = RealData.folder("pretrained-imagenet");
    Preprocessing p =
        Preprocessing.of(Shape.of(3, 224, 224), Fit.STRETCH).mean(0.485f, 0.456f, 0.406f).std(0.229f, 0.224f, 0.225f);
    Model mobilenet = Onnx.read(data.resolve("mobilenet_v2-onnx/mobilenet_v2_float.onnx")).withThreads(2);
    Model squeezenet = filled("squeezenet1.1", p, 1000,
        data.resolve("squeezenet1_1-torchvision/squeezenet1_1.safetensors"), NameMap.none());
    List<String> rows = FileNames.lines(Path.of("src/test/resources/dev/fovea/formats/first-answers.tsv"));
    assertThat(rows).hasSize(136);
    for (String row : rows.subList(1, rows.size())) {
      String[] cells = row.split("\t", -1);
      Image photo = Image.read(data.resolve("photos").resolve(cells[0]));
      Preprocessing centre = p.resize(Math.min(photo.width(), photo.height()));
      assertThat(first(mobilenet, centre, photo)).as("MobileNet-v2 on %s", cells[0]).isEqualTo(Integer.parseInt(cells[1]));
      assertThat(first(squeezenet, centre, photo)).as("SqueezeNet on %s", cells[0]).isEqualTo(Integer.parseInt(cells[2]));
    }
  }

  private static int first(Model model, Preprocessing preprocessing, Image photo) {
    return model.withCard(model.card().preprocessing(preprocessing)).predict(photo).best().index();
  }

  private static List<Image> photos(Path data) throws IOException {
    try (var files = Files.list(data.resolve("photos"))) {
      return files.filter(file -> file.toString().endsWith(".png")).sorted().limit(8).map(Image::read).toList();
    }
  }
}

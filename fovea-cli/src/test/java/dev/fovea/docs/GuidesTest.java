package dev.fovea.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cli.Cli;
import dev.fovea.format.SafeTensors;
import dev.fovea.formats.numpy.Npy;
import dev.fovea.formats.onnx.Onnx;
import dev.fovea.formats.torch.StateDicts;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Parity;
import dev.fovea.model.Prediction;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every command of the guides runs, as it is printed, on files of the names that it uses. */
class GuidesTest {
  private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

  /** A word, or text in single quotes. */
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  private static final Pattern FILE =
      Pattern.compile(
          "(.*=|csv:|images:)?([\\w./-]+\\.(?:onnx|safetensors|npy|npz|pth|txt|png|csv|html)|outputs|expected|hub|why|portrait|attacked|flowers"
              + "|runs/\\w+)");

  private static final String NOTATION = "input 1x28x28 -> conv 4 5x5 -> relu -> pool -> fc 3";

  @TempDir
  private Path folder;

  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> everyCommandRuns() throws IOException {
    try (Stream<Path> files = Files.list(Cli.root().resolve("docs/guide"))) {
      List<Path> pages = files.sorted().toList();
      assertThat(pages).hasSizeGreaterThan(3);
      return pages.stream().map(page -> DynamicTest.dynamicTest(String.valueOf(page.getFileName()), () -> run(page)));
    }
  }

  private void run(Path page) throws IOException {
    Path here = Files.createDirectory(folder.resolve(page.getFileName().toString()));
    prepare(here, page.endsWith("from-dl4j.md"));
    int commands = 0;
    Matcher block = SHELL.matcher(Files.readString(page));
    while (block.find()) {
      for (String line : block.group(1).replace("\\\n", " ").lines().toList()) {
        Object[] words = words(line.replaceAll("\\s+#.*", ""), here);
        assertThat(words[0]).isEqualTo("./fovea");
        Cli.run(Arrays.copyOfRange(words, 1, words.length)).succeeds();
        commands++;
      }
    }
    assertThat(commands).isPositive();
  }

  private static Object[] words(String line, Path here) {
    List<Object> words = new ArrayList<>();
    Matcher word = WORD.matcher(line);
    while (word.find()) {
      String text = word.group(1) == null ? word.group(2) : word.group(1);
      Matcher file = FILE.matcher(text);
      words.add(file.matches() ? (file.group(1) == null ? "" : file.group(1)) + here.resolve(file.group(2)) : text);
    }
    return words.toArray();
  }

  /** The files that the pages name: small ones, with the weights of random networks. */
  private static void prepare(Path here, boolean dl4j) throws IOException {
    Preprocessing colour = Preprocessing.of(Shape.of(3, 32, 32), Fit.STRETCH);
    Model classifier = Model.create(Zoo.find("input 3x32x32 -> conv 8 -> batchnorm -> relu -> pool -> fc 5").layer(settings(5)),
        new Card("classifier", numbers(5), colour, Map.of()), 1);
    Onnx.write(classifier, here.resolve("model.onnx"));
    Model digits = model(NOTATION, Shape.of(1, 28, 28), 3);
    Model compared = dl4j ? digits : classifier;
    Map<String, Tensor> inputs = Parity.randomInputs(compared, 1);
    Files.createDirectory(here.resolve("expected"));
    for (String file : List.of("input.npy", "expected/input.npy")) {
      Npy.write(here.resolve(file), inputs.values().iterator().next());
    }
    Npy.write(here.resolve("expected/output.npy"), compared.run(inputs).values().iterator().next());
    for (String labels : List.of("labels.txt", "synset.txt")) {
      Files.writeString(here.resolve(labels), "ant\nbee\ncat\ndog\nelk\n");
    }
    new Image(40, 44, 3, new byte[40 * 44 * 3]).write(here.resolve("photo.png"));
    prepareTables(here);
    preparePhotos(here.resolve("flowers"));
    StateDicts.write(here.resolve("weights.pth"), tensors(model("squeezenet1.1", Shape.of(3, 224, 224), 5), ""));
    StateDicts.write(here.resolve("lenet.pth"), tensors(digits, "net."));
    writeNpz(here.resolve("weights.npz"), tensors(digits, "net."));
    for (String map : List.of("names.txt", "dl4j.txt")) {
      Files.writeString(here.resolve(map), String.join("\n",
          tensors(digits, "").keySet().stream().map(name -> "net." + name + " = " + name).toList()));
    }
    Path hub = Files.createDirectory(here.resolve("hub"));
    Files.writeString(hub.resolve("config.json"), "{\"architecture\": \"resnet18\", \"num_classes\": 3}");
    SafeTensors.write(hub.resolve("model.safetensors"), tensors(model("resnet18", Shape.of(3, 224, 224), 3), ""), Map.of());
  }

  /** Two classes of twenty photos each. */
  private static void preparePhotos(Path folder) throws IOException {
    for (int label = 0; label < 2; label++) {
      Path flower = Files.createDirectories(folder.resolve(List.of("daisy", "rose").get(label)));
      for (int i = 0; i < 20; i++) {
        byte[] pixels = new byte[48 * 40 * 3];
        for (int p = 0; p < pixels.length; p++) {
          pixels[p] = (byte) (p % 3 == label ? 200 : p / 3 % 48 + 5 * i);
        }
        new Image(48, 40, 3, pixels).write(flower.resolve(i + ".png"));
      }
    }
  }

  private static void prepareTables(Path here) throws IOException {
    StringBuilder tags = new StringBuilder("file,tags\n");
    StringBuilder sizes = new StringBuilder("file,x,weight,split\n");
    Files.createDirectory(here.resolve("photos"));
    for (int i = 0; i < 24; i++) {
      String photo = "photos/" + i + ".png";
      new Image(32, 32, 3, new byte[32 * 32 * 3]).write(here.resolve(photo));
      tags.append(photo).append(',').append(List.of("red|blue", "", "blue").get(i % 3)).append('\n');
      sizes.append(photo).append(',').append(i % 7).append(',').append(0.1 * (i % 5)).append(',')
          .append(List.of("train", "train", "val", "test").get(i % 4)).append('\n');
    }
    Files.writeString(here.resolve("tags.csv"), tags);
    Files.writeString(here.resolve("sizes.csv"), sizes);
  }

  private static Model model(String network, Shape input, int classes) {
    return Model.create(Zoo.find(network).layer(settings(classes)),
        new Card("network", numbers(classes), Preprocessing.of(input, Fit.STRETCH), Map.of()), 1);
  }

  private static Network.Settings settings(int classes) {
    return new Network.Settings(classes, List.of(), Pooling.MAX, Activation.RELU);
  }

  private static List<String> numbers(int classes) {
    return IntStream.range(0, classes).mapToObj(String::valueOf).toList();
  }

  private static Map<String, Tensor> tensors(Model model, String prefix) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    model.parameters().entries().forEach(entry -> {
      float[] values = new float[entry.shape().size()];
      System.arraycopy(model.parameters().values(), entry.offset(), values, 0, values.length);
      tensors.put(prefix + entry.name(), new Tensor(entry.shape(), values));
    });
    return tensors;
  }

  private static void writeNpz(Path file, Map<String, Tensor> tensors) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        Path array = file.resolveSibling("array.npy");
        Npy.write(array, entry.getValue());
        zip.putNextEntry(new ZipEntry(entry.getKey() + ".npy"));
        zip.write(Files.readAllBytes(array));
        Files.delete(array);
      }
    }
    Files.write(file, bytes.toByteArray());
  }

  @Test
  void theJavaOfTheGuides() throws IOException {
    prepare(folder, false);
    Path file = folder.resolve("model.onnx");
    Tensor image = Npy.read(folder.resolve("input.npy")).tensor();
    Map<String, Tensor> outputs = Model.load(file).run(Map.of("input", image));
    assertThat(Objects.requireNonNull(outputs.get("output")).shape()).isEqualTo(Shape.of(1, 5));
    Path photo = folder.resolve("photo.png");
    Model model = Model.load(file);
    Prediction prediction = model.predict(photo);
    assertThat(prediction.scores()).hasSize(5);
  }
}

package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Rewrite;
import dev.fovea.layer.Activation;
import dev.fovea.model.Model;
import dev.fovea.model.Summary;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares the zoo, layer by layer, with the authors' Caffe files: kind, output shape and number of parameters. The table is
 * {@code reference-nets/TABLE.md} of the data folder; without it the test is skipped.
 */
class ReferenceTableTest {
  /** The titles of the table's sections, and the zoo's network for each. */
  private static final Map<String, String> NETWORKS =
      Map.ofEntries(
          Map.entry("LeNet (caffe)", "lenet-caffe"),
          Map.entry("AlexNet (bvlc_alexnet)", "alexnet"),
          Map.entry("CaffeNet", "caffenet"),
          Map.entry("GoogLeNet (bvlc_googlenet, deploy, no aux)", "googlenet"),
          Map.entry("GoogLeNet train_val with 2 aux heads", "googlenet"),
          Map.entry("VGG-16", "vgg16"),
          Map.entry("SqueezeNet v1.1", "squeezenet1.1"),
          Map.entry("voc-fcn32s (500x500 input)", "fcn32s"),
          Map.entry("voc-fcn16s (500x500 input)", "fcn16s"),
          Map.entry("voc-fcn8s (500x500 input)", "fcn8s"),
          Map.entry("voc-fcn8s-atonce (500x500 input)", "fcn8s-atonce"),
          Map.entry("voc-fcn-alexnet (500x500 input)", "fcn-alexnet"));

  /** Caffe's layers and their operators. Activations, dropout, data and losses are not compared. */
  private static final Map<String, String> CAFFE =
      Map.of(
          "Convolution", "Conv", "InnerProduct", "Gemm", "Deconvolution", "ConvTranspose", "Pooling", "Pool", "LRN", "Lrn",
          "Concat", "Concat", "Crop", "Crop", "Eltwise", "Add", "Scale", "Mul");

  /** A layer of the table or of the zoo: an operator, its output shape for one image, and its number of parameters. */
  private record Row(String operator, String output, long parameters) {}

  /** A network of the table; {@code classes} is the output size of its last layer with parameters. */
  private record Section(String title, long parameters, Optional<Shape> input, int classes, List<Row> rows) {}

  @TestFactory
  Stream<DynamicTest> networksHaveTheLayersOfTheirCaffeFiles() throws IOException {
    return sections(Files.readString(table())).stream()
        .filter(section -> NETWORKS.containsKey(section.title))
        .filter(section -> Zoo.networks().stream().anyMatch(n -> n.name().equals(NETWORKS.get(section.title))))
        .map(section -> DynamicTest.dynamicTest(section.title, () -> compare(section)));
  }

  private static void compare(Section section) {
    Network network = Zoo.find(NETWORKS.getOrDefault(section.title, ""));
    Network.Settings settings = new Network.Settings(section.classes, List.of(), Pooling.MAX, Activation.RELU);
    Graph graph = Model.graphOf(network.layer(settings), section.input.orElse(network.input()));
    Summary summary = Summary.of(section.title.contains("no aux") ? Rewrite.inference(graph) : graph);
    assertThat(ours(summary)).isEqualTo(section.rows);
    assertThat(summary.trainable() + summary.frozen()).isEqualTo(section.parameters);
  }

  /** Adaptive pools that do not change the size are not in Caffe's files. */
  private static List<Row> ours(Summary summary) {
    List<Row> rows = new ArrayList<>();
    Shape before = summary.input();
    for (Summary.Row row : summary.rows()) {
      String operator = row.operator().split(" ", 2)[0];
      boolean idle = operator.equals("AdaptiveAveragePool") && row.output().equals(before);
      operator = operator.endsWith("Pool") ? "Pool" : operator;
      if (CAFFE.containsValue(operator) && !idle) {
        rows.add(new Row(operator, row.output().toString(), row.trainable() + row.frozen()));
      }
      before = row.output();
    }
    return rows;
  }

  private static List<Section> sections(String table) {
    List<Section> sections = new ArrayList<>();
    for (String text : table.split("\n## ", -1)) {
      Matcher head = Pattern.compile("(.*): ([\\d,]+) parameters\n").matcher(text);
      if (head.lookingAt()) {
        sections.add(section(head.group(1), number(head.group(2)), text));
      }
    }
    assertThat(sections).extracting(Section::title).containsAll(NETWORKS.keySet());
    return sections;
  }

  private static Section section(String title, long parameters, String text) {
    List<Row> rows = new ArrayList<>();
    Matcher size = Pattern.compile("\\((\\d+x\\d+) input\\)").matcher(title);
    Optional<Shape> input = size.find() ? Optional.of(Shape.parse("3x" + size.group(1))) : Optional.empty();
    int classes = 0;
    for (String line : text.lines().filter(l -> l.startsWith("| ")).toList()) {
      String[] cells = line.split("\\|", -1);
      String type = cells[2].strip();
      String output = cells[4].strip();
      if (type.equals("Input")) {
        input = Optional.of(Shape.parse(output).withoutBatch());
      } else if (CAFFE.containsKey(type)) {
        long numbers = number(cells[5].strip());
        Shape shape = Shape.parse(output).withoutBatch();
        classes = numbers > 0 ? shape.dim(0) : classes;
        rows.add(new Row(CAFFE.getOrDefault(type, ""), shape.toString(), numbers));
      }
    }
    return new Section(title, parameters, input, classes, rows);
  }

  private static long number(String text) {
    return Long.parseLong(text.replace(",", ""));
  }

  private static Path table() {
    String given = System.getenv("FOVEA_DATA");
    String name = "reference-nets/TABLE.md";
    Path found = given == null ? Path.of("absent") : Path.of(given, name);
    for (Path up = Path.of("").toAbsolutePath(); given == null && up != null && !Files.exists(found); up = up.getParent()) {
      found = up.resolve("shared/data").resolve(name);
    }
    assumeTrue(Files.exists(found), "skipped: no " + name + "; set FOVEA_DATA to the folder that holds it");
    return found;
  }
}

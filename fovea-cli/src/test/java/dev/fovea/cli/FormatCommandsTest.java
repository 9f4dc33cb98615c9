package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.formats.numpy.Npy;
import dev.fovea.formats.onnx.Onnx;
import dev.fovea.formats.torch.StateDicts;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** run, convert, verify and optimize. */
class FormatCommandsTest {
  private static final Shape IMAGE = Shape.of(3, 6, 6);
  private static final Layer LAYER =
      Sequential.of(Conv2d.of(4, 3).named("conv"), BatchNorm2d.standard().named("bn"), new Flatten(),
          Linear.of(3).named("fc"));

  @TempDir
  private Path folder;

  private Path onnx = Path.of("");
  private Path array = Path.of("");

  private static Model model() {
    return Model.create(LAYER, new Card("tiny", List.of("a", "b", "c"), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of()), 5);
  }

  @BeforeEach
  void files() {
    onnx = folder.resolve("tiny.onnx");
    Onnx.write(model(), onnx);
    array = folder.resolve("x.npy");
    Npy.write(array, new Tensor(IMAGE.batch(2), new float[2 * IMAGE.size()]));
  }

  @Test
  void runWritesAnArrayForEachOutput() {
    Path out = folder.resolve("out");
    JsonNode json = Cli.run("run", onnx, "--input", array, "--out", out, "--json").succeeds().json();
    assertThat(json.toString()).isEqualTo(
        "{\"outputs\":[{\"name\":\"output\",\"shape\":[2,3],\"file\":\"" + out.resolve("output.npy") + "\"}]}");
    Tensor expected = model().run(Npy.read(array).tensor());
    assertThat(Npy.read(out.resolve("output.npy")).floats()).containsExactly(expected.values());
    assertThat(Cli.run("run", onnx, "--input", "input=" + array, "--out", out).succeeds().out())
        .contains("output", "2x3", "min", "mean", "max");
  }

  /** Two inputs, outputs with odd names, indices as integers. */
  @Test
  void runTakesNamedInputsAndWritesIntegers() {
    GraphBuilder g = new GraphBuilder();
    Value left = g.input("left", Shape.of(1, 4));
    Value right = g.input("a=b", Shape.of(1, 4));
    Value sum = g.add(left, right);
    g.output("sum/1", sum);
    g.output("sum:1", g.mul(sum, g.number(2)));
    g.output("best", g.op(new Op.TopK(1, 1), sum));
    Path file = folder.resolve("pair.safetensors");
    new Model(g.build(), Parameters.initial(g.build(), 1), Card.of("pair").integers(Set.of("best"))).save(file);
    Path a = folder.resolve("a.npy");
    Path b = folder.resolve("b.npy");
    Npy.write(a, new Tensor(Shape.of(1, 4), new float[] {1, 2, 3, 4}));
    Npy.write(b, new Tensor(Shape.of(1, 4), new float[] {4, 2, 9, 0}));
    Path out = folder.resolve("out");
    Cli.run("run", file, "--input", "left=" + a, "--input", "a=b=" + b, "--out", out).succeeds();
    assertThat(Npy.read(out.resolve("best.npy")).dtype()).isEqualTo("int64");
    assertThat(Npy.read(out.resolve("best.npy")).integers()).containsExactly(2);
    assertThat(Npy.read(out.resolve("sum_1.npy")).floats()).containsExactly(5, 4, 12, 4);
    assertThat(Npy.read(out.resolve("sum_1-2.npy")).floats()).containsExactly(10, 8, 24, 8);
    Path written = folder.resolve("pair.onnx");
    Cli.run("convert", file, written).succeeds();
    Path again = folder.resolve("again");
    Cli.run("run", written, "--input", "left=" + a, "--input", "a=b=" + b, "--out", again).succeeds();
    assertThat(again.resolve("best.npy")).hasSameBinaryContentAs(out.resolve("best.npy"));
    assertThat(Cli.run("run", file, "--input", a, "--out", out).failsWith(2))
        .contains("expected NAME=FILE with the name of an input", "left, a=b");
    assertThat(Cli.run("run", file, "--input", "left=" + a, "--out", out).failsWith(1))
        .contains("the input 'a=b' of 1x4 is missing");
  }

  @Test
  void wrongArraysAndFilesAreOneLine() throws IOException {
    Path out = folder.resolve("out");
    assertThat(Cli.run("run", folder.resolve("none.onnx"), "--input", array, "--out", out).failsWith(1))
        .endsWith("none.onnx: no such file: name a model file, or the folder of a run");
    assertThat(Cli.run("run", onnx, "--input", folder.resolve("none.npy"), "--out", out).failsWith(1)).contains("none.npy");
    assertThat(Cli.run("run", onnx, "--input", "x=" + array, "--out", out).failsWith(2)).contains("--input x=", ": input");
    assertThat(Cli.run("run", onnx, "--input", array, "--out", array).failsWith(2)).contains("is a file, expected a folder");
    Path vector = folder.resolve("v.npy");
    Npy.write(vector, new Tensor(Shape.of(7), new float[7]));
    assertThat(Cli.run("run", onnx, "--input", vector, "--out", out).failsWith(1)).contains("tiny.onnx", "input", "axes");
    byte[] bytes = Files.readAllBytes(onnx);
    Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(Cli.run("run", cut, "--input", array, "--out", out).failsWith(1)).contains("cut.onnx");
  }

  @Test
  void convertStoresWhatTheFileDoesNotSay() throws IOException {
    Path plain = folder.resolve("plain.safetensors");
    new Model(model().graph(), model().parameters(), Card.assumed("net", model().graph())).save(plain);
    Path out = folder.resolve("named.safetensors");
    Path labels = Files.writeString(folder.resolve("labels.txt"), "x\ny\nz\n");
    Cli said = Cli.run("convert", plain, folder.resolve("same.onnx")).succeeds();
    assertThat(said.err()).contains("classes: 0 to 2, numbered", "--labels", "preprocessing: assumed", "--mean");
    Cli named = Cli.run("convert", plain, out, "--labels", labels, "--scale", "1", "--mean", "104,117,123", "--channels", "bgr",
        "--resize", "8").succeeds();
    assertThat(named.err()).isEmpty();
    Card card = Model.load(out).card();
    assertThat(card.classes()).containsExactly("x", "y", "z");
    Preprocessing p = card.preprocessing();
    assertThat(p.bgr()).isTrue();
    assertThat(p.resize()).isEqualTo(8);
    assertThat(p.mean()).containsExactly(104 / 255f, 117 / 255f, 123 / 255f);
    assertThat(p.std()).containsOnly(1 / 255f);
    Path back = folder.resolve("named.onnx");
    Cli.run("convert", out, back).succeeds();
    assertThat(Model.load(back).card()).isEqualTo(card);
    Path half = folder.resolve("half.onnx");
    Cli.run("convert", out, half, "--mean", "0.5").succeeds();
    assertThat(Model.load(half).card().preprocessing()).isEqualTo(p.mean(0.5f, 0.5f, 0.5f));
    assertThat(Cli.run("convert", plain, out).failsWith(2)).contains("exists: name another file, or add --overwrite");
    assertThat(Cli.run("convert", plain, folder.resolve("x.h5")).failsWith(2)).contains("ends in .safetensors or .onnx");
    Files.writeString(labels, "x\ny\n");
    assertThat(Cli.run("convert", plain, out, "--overwrite", "--labels", labels).failsWith(1)).contains("--labels", "2 classes",
        "1x3");
    assertThat(Model.load(out).card()).isEqualTo(card);
  }

  @Test
  void weightsThatDoNotFitAreAllNamedAndNothingIsWritten() throws IOException {
    Path weights = folder.resolve("w.pth");
    StateDicts.write(weights, Map.of("0.weight", new Tensor(Shape.of(2, 1, 3, 3), new float[18]), "other",
        new Tensor(Shape.of(2), new float[2])));
    Path out = folder.resolve("net.safetensors");
    String[] network = {"--network", "input 1x8x8 -> conv 2 -> relu -> fc 3"};
    Cli refused = Cli.run("convert", weights, out, network[0], network[1]);
    refused.failsWith(1);
    assertThat(refused.err()).contains("missing in the file (3)", "0.bias", "in the file, but not in the network (1)", "other",
        "--partial");
    assertThat(out).doesNotExist();
    Cli.run("convert", weights, out, network[0], network[1], "--partial").succeeds();
    assertThat(out).exists();
    assertThat(Cli.run("convert", weights, folder.resolve("y.safetensors")).failsWith(1)).contains("without a network",
        "--network NAME");
    assertThat(Cli.run("convert", weights, folder.resolve("y.safetensors"), "--partial").failsWith(2))
        .contains("--network NETWORK");
  }

  @Test
  void verifyTellsDifferencesByExitCode() throws IOException {
    Path same = folder.resolve("same.safetensors");
    model().save(same);
    JsonNode json = Cli.run("verify", onnx, "--against", same, "--json").succeeds().json();
    assertThat(json.get("within_tolerance").asBoolean()).isTrue();
    assertThat(json.get("outputs").get(0).get("max_difference").asDouble()).isZero();
    assertThat(json.get("layers").size()).isEqualTo(3);
    Model changed = model();
    changed.parameters().values()[0] += 1;
    changed.save(same);
    Cli different = Cli.run("verify", onnx, "--against", same);
    assertThat(different.code()).isEqualTo(1);
    assertThat(different.out()).contains("different: the outputs differ by more than");
  }

  @Test
  void optimizeSaysWhatItChanged() {
    Path out = folder.resolve("folded.onnx");
    assertThat(Cli.run("optimize", onnx, out).succeeds().out())
        .contains("1 batch normalisation folded into the convolution before it");
    Cli.run("verify", out, "--against", onnx).succeeds();
    assertThat(Cli.run("optimize", out, folder.resolve("again.onnx")).succeeds().out()).contains("nothing was changed");
  }

  /** A network that reads a scalar is summarised and measured like any other. */
  @Test
  void aScalarInputServesTheBatch() {
    GraphBuilder g = new GraphBuilder();
    Value scale = g.input("scale", Shape.of());
    g.output("scaled", g.mul(g.input("x", IMAGE.batch(1)), scale));
    Path file = folder.resolve("scaled.safetensors");
    new Model(g.build(), Parameters.initial(g.build(), 1), Card.of("scaled")).save(file);
    assertThat(Cli.run("summary", file).succeeds().out()).contains("input  scale", "scalar");
    assertThat(Cli.run("bench", file, "--mode", "infer", "--batch-size", "2", "--seconds", "0.01").succeeds().out())
        .contains("batch            2");
  }

  /** Nothing that is given is left out in silence. */
  @Test
  void optionsThatDoNotBelongToAFileAreRefused() {
    Path out = folder.resolve("out.safetensors");
    for (Object[] command : new Object[][] {{"convert", onnx, out}, {"summary", onnx}, {"bench", onnx}}) {
      List<Object> args = new ArrayList<>(List.of(command));
      args.addAll(List.of("--pool", "mean"));
      assertThat(Cli.run(args.toArray()).failsWith(2)).contains("--pool: " + onnx + " already has its layers");
    }
    assertThat(Cli.run("convert", onnx, out, "--input", "1x3x6x6", "--input", "3x6x6").failsWith(2))
        .contains("--input 3x6x6: this input has a shape already");
    Path own = folder.resolve("own.safetensors");
    model().save(own);
    assertThat(Cli.run("convert", own, out, "--input", "3x6x6", "--input", "3x6x6").failsWith(2)).contains("expected the size");
    assertThat(Cli.run("convert", own, out, "--input", "6").failsWith(2)).contains("channels x height x width");
    assertThat(out).doesNotExist();
  }

  /** Without classes nothing can be predicted or measured; that is said before data are read, once. */
  @Test
  void aModelWithoutClassesIsRefusedWhereTheyAreNeeded() {
    Path file = folder.resolve("plain.safetensors");
    new Model(model().graph(), model().parameters(), Card.of("plain")).save(file);
    String expected = "plain.safetensors: plain: nothing is known about what its outputs mean";
    assertThat(Cli.run("evaluate", file, "--data", "digits:100").failsWith(1)).contains(expected);
    assertThat(Cli.run("predict", file, "one.png", "two.png").failsWith(1)).contains(expected);
  }
}

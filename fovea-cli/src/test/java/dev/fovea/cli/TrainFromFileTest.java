package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.formats.onnx.Onnx;
import dev.fovea.formats.torch.StateDicts;
import dev.fovea.graph.Op;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
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
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --init} without a network: the network is the file's. */
class TrainFromFileTest {
  @TempDir
  private Path folder;

  private Path onnx = Path.of("");

  @BeforeEach
  void file() {
    onnx = folder.resolve("thirds.onnx");
    Preprocessing pixels = Preprocessing.of(Shape.of(1, 20, 20), Fit.INK).mean(0.2f).std(0.3f);
    Card card = new Card("thirds", List.of("a", "b", "c"), pixels, Map.of());
    Layer layer = Sequential.of(Conv2d.of(4, 3).named("conv"), Activation.RELU, new Flatten(), Linear.of(3).named("fc"));
    Onnx.write(Model.create(layer, card, 4), onnx);
  }

  private Cli train(Path out, Object... more) {
    Object[] args = {"train", "--data", "digits:200", "--steps", 3, "--batch-size", 16, "--out", out};
    Object[] all = new Object[args.length + more.length];
    System.arraycopy(args, 0, all, 0, args.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Cli.run(all);
  }

  @Test
  void lastLayerIsReinitialisedForOtherClasses() {
    Path out = folder.resolve("ten");
    assertThat(train(out, "--init", onnx).succeeds().err()).contains(onnx + " on digits:200, into " + out,
        "--init " + onnx
            + ": thirds, 2 of 4 parameters loaded; 10 classes instead of 3, so that these are reinitialised: fc.weight, fc.bias\n");
    Model trained = Model.load(out);
    Card card = trained.card();
    assertThat(card.network()).isEqualTo("thirds");
    assertThat(card.classes()).hasSize(10);
    assertThat(card.preprocessing().shape()).isEqualTo(Shape.of(1, 20, 20));
    assertThat(card.preprocessing().fit()).isEqualTo(Fit.INK);
    assertThat(card.preprocessing().mean()).containsExactly(0.2f);
    assertThat(trained.graph().nodes().stream().filter(node -> node.op() instanceof Op.Conv)).isNotEmpty();
  }

  /** The run's folder is enough to resume it, and the last network of a run is a file like any other. */
  @Test
  @Tag("slow")
  void resumesAndGoesOnFromARun() {
    Path whole = folder.resolve("whole");
    String fingerprint =
        train(whole, "--init", onnx, "--seed", 3).succeeds().out().replaceAll("(?s).*fingerprint +(\\w+).*", "$1");
    assertThat(Cli.run("train", "--resume", "--out", whole).succeeds().out()).contains(fingerprint);
    Cli again = train(folder.resolve("again"), "--init", whole, "--lr", "1e-9").succeeds();
    assertThat(again.err()).contains("--init " + whole + ": thirds, 4 of 4 parameters loaded\n");
  }

  @Test
  @Tag("slow")
  void overfitsAndCompares() {
    assertThat(
        Cli.run("overfit", "--data", "digits:60", "--init", onnx, "--steps", 2, "--batch-size", 8, "--json").succeeds().json()
            .get("network").asString())
        .isEqualTo("thirds");
    Path out = folder.resolve("rates");
    assertThat(Cli.run("compare", "--vary", "lr=0.1,0.01", "--data", "digits:60", "--init", onnx, "--steps", 2, "--batch-size", 8,
        "--out", out).succeeds().out()).contains("0.1", "0.01");
  }

  @Test
  void refusesWhatDoesNotSuit() throws IOException {
    assertThat(train(folder.resolve("r"), "--init", onnx, "--hidden", "8").failsWith(2)).contains("already has its layers");
    assertThat(train(folder.resolve("r"), "--init", onnx, "--input", "3x20x20").failsWith(1))
        .contains("does not suit this model");
    Path weights = folder.resolve("weights.pth");
    StateDicts.write(weights, Map.of("fc.weight", new Tensor(Shape.of(2), new float[] {1, 2})));
    assertThat(train(folder.resolve("r"), "--init", weights).failsWith(1))
        .contains(weights + ": holds weights without a network: name their network (--model NETWORK)");
    assertThat(folder.resolve("r")).doesNotExist();
  }
}

package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.explain.method.Methods;
import dev.fovea.formats.numpy.Npy;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.notation.Notation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ExplainCommandTest {
  @TempDir
  private Path folder;

  private Path model;
  private Path photo;
  private Path out;

  @BeforeEach
  void writeModelAndPhoto() {
    model = folder.resolve("model.safetensors");
    photo = folder.resolve("photo.png");
    out = folder.resolve("why");
    Preprocessing crop = Preprocessing.of(Shape.of(3, 24, 24), Fit.CROP).resize(28);
    Card card = new Card("small", List.of("ant", "bee", "cat"), crop, Map.of());
    Model.create(Notation.parse("input 3x24x24 -> conv 6 -> relu -> pool -> conv 8 -> relu -> global -> fc").layer(3), card, 4)
        .save(model);
    byte[] pixels = new byte[60 * 40 * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Rng.of(1).below(i, 256);
    }
    new Image(60, 40, 3, pixels).write(photo);
  }

  private List<String> written() throws IOException {
    try (Stream<Path> files = Files.list(out)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void filesOfAnExplanation() throws IOException {
    Cli done = Cli.run("explain", "grad-cam", model, photo, "--class", "bee", "--out", out).succeeds();
    assertThat(done.out()).startsWith(photo + "  grad-cam of 4 for 'bee', score ");
    assertThat(written()).containsExactly("photo-grad-cam-overlay.png", "photo-grad-cam.json", "photo-grad-cam.npy",
        "photo-grad-cam.png");
    assertThat(Npy.read(out.resolve("photo-grad-cam.npy")).shape()).isEqualTo(Shape.of(12, 12));
    Image overlay = Image.read(out.resolve("photo-grad-cam-overlay.png"));
    assertThat(overlay.width()).isEqualTo(60);
    assertThat(overlay.height()).isEqualTo(40);
    Image grey = Image.read(photo).grey();
    assertThat(overlay.at(0, 20, 0)).as("the network does not see the margin").isEqualTo(grey.at(0, 20, 0));
    JsonNode json = Cli.run("explain", "grad-cam", model, photo, "--class", 1, "--out", out, "--json").succeeds().json()
        .get("explanations").get(0);
    assertThat(json.get("label").stringValue()).isEqualTo("bee");
    assertThat(json.get("layer").stringValue()).isEqualTo("4");
    assertThat(json.get("shape").valueStream().map(JsonNode::intValue)).containsExactly(12, 12);
    assertThat(json.get("min").doubleValue()).isGreaterThanOrEqualTo(0);
    assertThat(Files.readString(out.resolve("photo-grad-cam.json")).strip()).isEqualTo(json.toString());
  }

  @Test
  void everyMethodOnOneSheet() throws IOException {
    Cli done = Cli.run("explain", "all", model, photo, "--out", out, "--masks", 50, "--window", 6, "--stride", 3, "--seed", 2)
        .succeeds();
    assertThat(done.out().lines()).hasSize(Methods.names().size());
    assertThat(written()).contains("photo-all.png").hasSize(1 + 4 * Methods.names().size());
    assertThat(done.out()).contains(", completeness error ", ", conservation error ");
    Image sheet = Image.read(out.resolve("photo-all.png"));
    assertThat((double) sheet.width() / sheet.height()).isCloseTo(2, within(1.0));
  }

  /** The sum of the printed products, in their order, is the printed number. */
  @Test
  void arithmetic() throws IOException {
    JsonNode json = Cli.run("explain", "arithmetic", model, photo, "--layer", 3, "--at", "5,0,11", "--backward", "--class", "cat",
        "--precision", "exact", "--json").succeeds().json();
    assertThat(json.get("taps")).as("a corner without its padding").hasSize(6 * 2 * 2);
    float sum = json.get("bias").floatValue();
    for (JsonNode tap : json.get("taps")) {
      assertThat(tap.get("product").floatValue()).isEqualTo(tap.get("input").floatValue() * tap.get("weight").floatValue());
      sum = Math.fma(tap.get("input").floatValue(), tap.get("weight").floatValue(), sum);
    }
    assertThat(sum).isEqualTo(json.get("sum").floatValue());
    assertThat(json.get("taps").get(0).get("weight_of").stringValue()).isEqualTo("3.weight");
    assertThat(json.get("then").get(0).get("value").floatValue()).isEqualTo(Math.max(0, sum));
    JsonNode backward = json.get("backward");
    assertThat(backward.get("label").stringValue()).isEqualTo("cat");
    assertThat(backward.get("passed")).hasSize(2 * json.get("taps").size() + 1);
    assertThat(backward.get("arrived").get(0).get("value")).isEqualTo(backward.get("gradient"));
    String text = Cli.run("explain", "arithmetic", model, photo, "--layer", 3, "--at", "5,0,11", "--backward", "--precision",
        "exact").succeeds().out();
    assertThat(text).startsWith("3[5,0,11], Conv\n  3.bias[5] ").contains("  x 3.weight[5,0,1,0] ", "\nsum ", "\npassed on\n");
    assertThat(Cli.run("explain", "arithmetic", model, photo, "--layer", 3, "--at", "5,0").failsWith(1))
        .contains("place 5,0: layer 3 gives 8x12x12");
    assertThat(Cli.run("explain", "arithmetic", model, photo, "--layer", 3, "--at", "5,-1,0").failsWith(2)).contains("--at");
  }

  @Test
  void anyOutputCanBeExplained() throws IOException {
    Cli done = Cli.run("explain", "grad-cam", model, photo, "--output", "output", "--class", 2, "--out", out).succeeds();
    assertThat(done.out()).contains(" for '2', score ");
    assertThat(Cli.run("explain", "saliency", model, photo, "--output", "outputs", "--out", out).failsWith(1))
        .contains("has no output 'outputs'", "output");
    assertThat(Cli.run("explain", "saliency", model, photo, "--output", "output", "--class", "cat", "--out", out).failsWith(1))
        .contains("the model names none; give an index");
  }

  @Test
  void methodsAreCompared() throws IOException {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    for (int i = 0; i < 3; i++) {
      Files.copy(photo, photos.resolve(i + ".png"));
    }
    Files.writeString(photos.resolve("3.png"), "no image");
    Cli done = Cli.run("explain", "compare", model, photos, "--methods", "grad-cam,saliency", "--out", out);
    assertThat(done.code()).isEqualTo(1);
    assertThat(done.err()).contains("3.png");
    assertThat(Cli.run("explain", "compare", model, photos, "--methods", "grad-cam,saliency", "--images", 2, "--out", out)
        .succeeds().out().lines()).hasSize(5).element(1).asString().matches("grad-cam +0\\.\\d+ +0\\.\\d+ .*");
    assertThat(written()).containsExactly("compare.html", "compare.json");
    JsonNode json = Cli.run("explain", "compare", model, photo, "--methods", "lrp", "--out", out, "--json").succeeds().json();
    assertThat(json.get("methods").valueStream().map(of -> of.get("method").stringValue())).containsExactly("lrp", "random",
        "centre");
    assertThat(json.get("methods").get(0).get("similarity_to_randomised").doubleValue()).isBetween(-1.0, 1.0);
    assertThat(Files.readString(out.resolve("compare.html"))).contains("<!DOCTYPE html>", "How good the maps are", "Agreement");
    assertThat(Cli.run("explain", "compare", model, photo, "--methods", "grad-cam,lpr", "--out", out).failsWith(2))
        .contains("--methods: there is no method 'lpr'");
  }

  private Path trained() {
    Path run = folder.resolve("run");
    Cli.run("train", "--model", "input 1x28x28 -> conv 4 -> relu -> pool -> conv 6 -> relu -> pool -> fc", "--data", "digits:300",
        "--epochs", 1, "--seed", 3, "--out", run).succeeds();
    return run;
  }

  @Test
  void layersAttackAndPortrait() throws IOException {
    Path run = trained();
    JsonNode layers =
        Cli.run("explain", "layers", run, "--images", 40, "--probe-images", 60, "--json").succeeds().json().get("layers");
    assertThat(layers.valueStream().map(layer -> layer.get("layer").stringValue())).hasSize(3);
    assertThat(layers.get(0).get("probe_accuracy").doubleValue()).isBetween(0.0, 1.0);
    assertThat(Cli.run("explain", "layers", run, "--images", 40, "--probe-images", 60).succeeds().out().lines()).hasSize(4);

    JsonNode attack =
        Cli.run("attack", run, "--method", "pgd", "--steps", 5, "--norm", "inf", "--budget", 0.2, "--images", 30, "--out",
            out, "--json").succeeds().json();
    assertThat(attack.get("accuracy_under_attack").doubleValue()).isLessThan(attack.get("accuracy").doubleValue());
    assertThat(written()).hasSize(32).contains("000000.png", "000029.png", "sheet.png", "attack.json");
    assertThat(Cli.run("attack", run, "--budget", 0.1, "--steps", 3).failsWith(2)).contains("--steps: fgsm has one step");
    assertThat(Cli.run("attack", run, "--budget", 0).failsWith(2)).contains("--budget");

    Path page = folder.resolve("portrait");
    JsonNode look = Cli.run("look", run, "--out", page, "--images", 30, "--maximise", 2, "--json").succeeds().json();
    assertThat(look.get("maps")).hasSize(6);
    assertThat(look.get("accuracy").doubleValue()).isBetween(0.0, 1.0);
    assertThat(Files.readString(page.resolve("look.html"))).contains("What each map looks for", "What it confuses");
    assertThat(Cli.run("look", run, "--layer", "9", "--out", page).failsWith(1)).contains("there is no layer '9'");
  }

  /** A model that does not say on which images it was trained. */
  @Test
  void aPortraitWithoutData() throws IOException {
    Cli done = Cli.run("look", model, "--image", photo, "--maximise", 1, "--out", out).succeeds();
    assertThat(done.out()).contains("layer    4");
    assertThat(Files.readString(out.resolve("look.html"))).contains("Layer by layer", "maximised")
        .doesNotContain("What it confuses");
  }

  @Test
  void wrongRequestsGetOneLine() throws IOException {
    assertThat(Cli.run("explain", "grad-cam", model, photo, "--layer", "44", "--out", out).failsWith(1))
        .contains("there is no layer '44'", "fovea summary");
    assertThat(Cli.run("explain", "saliency", model, photo, "--class", "bea", "--out", out).failsWith(1))
        .contains("there is no class 'bea'", "bee");
    assertThat(Cli.run("explain", "saliency", model, photo, "--class", "3", "--out", out).failsWith(1))
        .contains("class 3: expected 0 to 2");
    assertThat(Cli.run("explain", "saliency", model, folder.resolve("none.png"), "--out", out).failsWith(1)).contains("none.png");
    assertThat(Cli.run("explain", "saliency", model, photo, "--layer", "1", "--out", out).failsWith(2)).contains("--layer");
    assertThat(Cli.run("explain", "lrp", model, photo, "--rule", "beta", "--out", out).failsWith(2)).contains("zplus");
    assertThat(Cli.run("explain", "grad-cma", model, photo, "--out", out).failsWith(2)).contains("grad-cam");
    Path file = folder.resolve("file");
    Files.writeString(file, "");
    assertThat(Cli.run("explain", "saliency", model, photo, "--out", file).failsWith(1))
        .contains("cannot be created as a folder");
    assertThat(written()).isEmpty();
    Path twin = Files.createDirectory(folder.resolve("other")).resolve("PHOTO.png");
    Files.copy(photo, twin);
    assertThat(Cli.run("explain", "saliency", model, photo, twin, "--out", out).failsWith(1)).contains("has the same name as");
  }
}

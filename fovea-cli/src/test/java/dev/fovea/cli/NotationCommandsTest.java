package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A network in the notation is accepted wherever a name of the zoo is. */
class NotationCommandsTest {
  private static final String TUTORIAL = "INPUT -> [[CONV 32 -> RELU]*2 -> POOL]*3 -> [FC 256 -> RELU]*1 -> FC";

  @TempDir
  private Path folder;

  @Test
  void summaryEndsWithTheNotation() {
    String out = Cli.run("summary", TUTORIAL, "--input", "1x28x28").succeeds().out();
    assertThat(out)
        .startsWith("layer  operator ")
        .containsPattern("\n17 +Gemm +10 +2,570 +2,560")
        .endsWith("\nnotation: input 1x28x28 -> [[conv 32 -> relu]*2 -> pool]*3 -> fc 256 -> relu -> fc 10\n");
    JsonNode json = Cli.run("summary", "lenet5", "--json").succeeds().json();
    assertThat(json.get("notation").asString()).startsWith("input 1x28x28 -> conv 6 5x5 -> relu -> pool -> conv 16 5x5 pad 0 ->");
  }

  @Test
  void runStoresItsNotation() throws IOException {
    Path run = folder.resolve("run");
    Object[] command = {"train", "--model", "Input->[Conv 4->ReLU->Pool]*2->FC", "--data", "digits:300", "--epochs", 1,
        "--out", run, "--resume"};
    Cli trained = Cli.run(command).succeeds();
    String canonical = "input -> [conv 4 -> relu -> pool]*2 -> fc";
    JsonNode config = JsonMapper.shared().readTree(Files.readString(run.resolve("config.json")));
    assertThat(config.get("network").asString()).isEqualTo(canonical);
    assertThat(Files.readString(run.resolve("report.html")).replaceAll("</?span>", ""))
        .contains("fovea train --model &#39;" + canonical.replace(">", "&gt;"));
    Cli again = Cli.run(command).succeeds();
    assertThat(again.err()).contains("this run is finished already");
    assertThat(again.out()).isEqualTo(trained.out());
    assertThat(Cli.run("evaluate", run, "--json").succeeds().json().get("count").asInt()).isEqualTo(5000);
    assertThat(Cli.run("summary", run).succeeds().out())
        .endsWith("notation: input 1x28x28 -> [conv 4 -> relu -> pool]*2 -> fc 10\n");
    command[2] = "input -> conv 4 -> relu -> pool -> fc";
    assertThat(Cli.run(command).failsWith(1)).contains("was started with network " + canonical + ", now input -> conv 4 -> relu");
  }

  @Test
  @Tag("slow")
  void inputShapeComesFromNotationOptionOrData() {
    String[] lines = {"summary|input 3x16x16 -> fc|3x16x16", "summary|input -> fc|1x28x28"};
    for (String line : lines) {
      String[] words = line.split("\\|", -1);
      assertThat(Cli.run(words[0], words[1]).succeeds().out()).contains("notation: input " + words[2] + " -> fc 10\n");
    }
    assertThat(Cli.run("summary", "input 3x16x16 -> fc", "--input", "3x16x16").succeeds().out()).contains("input 3x16x16 ->");
    assertThat(Cli.run("summary", "input 3x16x16 -> fc", "--input", "1x28x28").failsWith(2))
        .startsWith("fovea: --input 1x28x28: the notation has input 3x16x16: give one of them");
    Path run = folder.resolve("run");
    Cli.run("train", "--model", "input 3x12x12 -> fc", "--data", "digits:100", "--epochs", 1, "--out", run).succeeds();
    assertThat(Cli.run("summary", run).succeeds().out()).endsWith("notation: input 3x12x12 -> fc 10\n");
  }

  @Test
  void errorsNameTheColumn() {
    String at = "notation, column 20, at 'rely -> fc': there is no step 'rely': did you mean relu?";
    String mistaken = "input -> conv 8 -> rely -> fc";
    assertThat(Cli.run("train", "--model", mistaken).failsWith(2)).startsWith("fovea: --model: " + at);
    assertThat(Cli.run("bench", mistaken).failsWith(2)).startsWith("fovea: NETWORK|MODEL: " + at);
    assertThat(Cli.run("summary", mistaken).failsWith(1)).startsWith("fovea: " + at);
    assertThat(Cli.run("summary", "input -> conv 4 9x9 pad 0 -> fc", "--input", "1x8x8").failsWith(1))
        .startsWith("fovea: an image of 1x8x8 does not suit the network: notation, column 10, conv 4 9x9 pad 0: a window of 9x9")
        .endsWith("got 8: the network needs 1x9x9 or larger");
    assertThat(Cli.run("train", "--model", "input -> fc 7", "--data", "digits:100", "--out", folder.resolve("r")).failsWith(2))
        .contains(
            "input -> fc 7 has 7 outputs, digits:100 has 10 classes: give its last layer 10, or leave out the size of a last fc");
    assertThat(Cli.run("summary", "input -> fc", "--pool", "mean").failsWith(2)).contains("has no such setting, nor any other");
  }

  @Test
  void existingFileIsPreferredToANotation() throws IOException {
    Path odd = Files.writeString(folder.resolve("a->b"), "no model");
    assertThat(Cli.run("summary", odd).failsWith(1)).contains("a->b").doesNotContain("notation");
  }
}

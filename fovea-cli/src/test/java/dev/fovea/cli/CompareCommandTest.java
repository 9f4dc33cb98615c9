package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CompareCommandTest {
  @TempDir
  private Path parent;

  private Path folder;

  @BeforeEach
  void name() {
    folder = parent.resolve("compared");
  }

  /** Runs compare with the options of the line and a folder to write to. */
  private Cli compare(String line) {
    String[] words = line.split(" ", -1);
    return Cli.run(Stream.concat(Stream.of("compare", "--data", "digits:300", "--epochs", "2", "--out", folder), Stream.of(words))
        .toArray());
  }

  private String refused(String line) {
    String message = compare(line).failsWith(2);
    assertThat(folder).doesNotExist();
    return message;
  }

  @Test
  void failedStartLeavesNoFolder() {
    for (String repeat : new String[] {"1", "2"}) {
      assertThat(compare("--vary lr=0.1,0.2 --model input->global->batchnorm->fc --batch-size 1 --repeat " + repeat).failsWith(1))
          .contains("batch normalisation has one element per channel in a batch of 1");
      assertThat(folder).doesNotExist();
    }
  }

  @Test
  @Tag("slow")
  void eachValueGivesTheSameRunAsTrain() throws IOException {
    Cli cli = compare("--vary activation=tanh,relu --model mlp --batch-size 32 --lr 0.1 --seed 4 --threads 2").succeeds();
    assertThat(cli.out().lines()).hasSize(3).first().asString().matches("activation +accuracy +final loss +time +fingerprint");
    assertThat(cli.err()).contains("2 runs with activation=tanh,relu, into " + folder, "run 1 of 2: activation=tanh",
        "run 2 of 2: activation=relu, about ", "left in all", "epoch 2/2", "table and curves: " + folder.resolve("compare.html"));
    Path alone = parent.resolve("alone");
    Cli.run("train", "--model", "mlp", "--data", "digits:300", "--epochs", 2, "--activation", "relu", "--batch-size", 32,
        "--lr", 0.1, "--seed", 4, "--out", alone).succeeds();
    JsonNode config = JsonMapper.shared().readTree(Files.readString(alone.resolve("config.json")));
    JsonNode mine = JsonMapper.shared().readTree(Files.readString(folder.resolve("relu").resolve("config.json")));
    assertThat(mine.get("result")).isEqualTo(config.get("result"));
    assertThat(mine.get("options")).isEqualTo(config.get("options"));
    assertThat(cli.out().lines().toList().get(2)).startsWith("relu ")
        .endsWith(config.get("result").get("fingerprint").stringValue().substring(0, 12));
    assertThat(folder.resolve("compare.html")).isNotEmptyFile();
  }

  @Test
  @Tag("slow")
  void jsonIsOneLineAndResumingAFinishedComparisonRepeatsIt() {
    String line = "--vary optimizer=sgd,rmsprop,adagrad --steps 3 --model mlp --hidden 16 --json";
    JsonNode first = compare(line).succeeds().json();
    assertThat(first.get("vary").stringValue()).isEqualTo("optimizer");
    assertThat(first.get("variants").size()).isEqualTo(3);
    assertThat(first.get("variants").get(1).get("settings").get("learning_rate").stringValue()).isEqualTo("0.001");
    assertThat(first.get("variants").get(1).get("settings").get("momentum").stringValue()).isEqualTo("0.0");
    assertThat(first.get("variants").get(2).get("settings").get("learning_rate").stringValue()).isEqualTo("0.01");
    Cli again = compare(line + " --resume").succeeds();
    assertThat(again.json()).isEqualTo(first);
    assertThat(again.err()).doesNotContain("epoch 1/");
    assertThat(compare(line).failsWith(1)).contains("already holds a comparison", "--resume", "--overwrite");
    assertThat(compare(line + " --resume --seed 2").failsWith(1)).contains("holds another comparison (sgd: seeds 1, now 2)");
    assertThat(compare("--vary optimizer=sgd,adam --steps 3 --overwrite").succeeds().out().lines()).hasSize(3);
    assertThat(folder.resolve("rmsprop")).doesNotExist();
  }

  @Test
  @Tag("slow")
  void repeatReportsStandardDeviation() {
    JsonNode json = compare("--vary lr=0.05,0.1 --model mlp --steps 2 --repeat 2 --seed 8 --json").succeeds().json();
    JsonNode first = json.get("variants").get(0);
    assertThat(first.get("runs").get(0).get("seed").asInt()).isEqualTo(8);
    assertThat(first.get("runs").get(1).get("seed").asInt()).isEqualTo(9);
    assertThat(first.get("final_loss_std").doubleValue()).isPositive();
    assertThat(folder.resolve("0.05").resolve("seed-9").resolve("report.html")).isNotEmptyFile();
  }

  @Test
  @Tag("slow")
  void divergedVariantIsARow() {
    Cli cli = compare("--vary lr=1e30,0.01").succeeds();
    assertThat(cli.out().lines().toList().get(1)).matches("1e30 +diverged at step \\d+");
    assertThat(cli.out().lines().toList().get(2)).matches("0\\.01 +[01]\\.\\d{4} .*");
  }

  @Test
  @Tag("slow")
  void everyOptionOfTrainCanBeVaried() {
    List<String> lines = List.of("model=lenet5,mlp", "pool=max,mean", "momentum=0,0.5", "weight-decay=0,0.01", "batch-size=20,30",
        "schedule=multistep,exponential,one-cycle,polynomial", "warmup=1,2", "seed=1,-2", "data=digits:100,digits:200",
        "classes=3,8;1,7", "input=1x28x28,1x32x32", "hidden=16;16,8");
    for (String line : lines) {
      String model = line.matches("(model|pool)=.*") ? "" : line.startsWith("classes") ? " --model logistic" : " --model mlp";
      Cli cli = line.startsWith("data")
          ? Cli.run("compare", "--vary", line, "--steps", 1, "--model", "mlp", "--out", folder, "--overwrite")
          : compare("--vary " + line + " --steps 1 --overwrite" + model);
      assertThat(cli.succeeds().out().lines()).as(line).hasSizeGreaterThan(2);
    }
    assertThat(folder.resolve("16-8").resolve("model.safetensors")).isNotEmptyFile();
  }

  @Test
  void allVariantsAreCheckedBeforeTraining() {
    assertThat(refused("--vary activation=relu,rely")).startsWith("fovea: --vary: --activation: there is no 'rely'");
    assertThat(refused("--vary lr=0.1,0")).startsWith("fovea: --vary: --lr: expected a number above 0, got 0");
    assertThat(refused("--vary lr=0.1,,0.2")).contains("got 'lr=0.1,,0.2': one is missing");
    assertThat(refused("--vary lr=")).contains("got 'lr=': one is missing");
    assertThat(refused("--vary lr")).contains("expected an option of fovea train and its values, as in lr=0.1,0.01, got 'lr'");
    assertThat(refused("--vary optimzer=sgd")).contains("got 'optimzer=sgd': did you mean optimizer?");
    assertThat(refused("--vary out=a,b")).contains("got 'out=a,b': available: ");
    assertThat(refused("--vary lr=0.1,0.2 --lr 0.3")).contains("--lr: is the option that --vary varies: leave it out");
    assertThat(refused("--vary seed=1,2 --repeat 2")).contains("--repeat takes several seeds");
    assertThat(refused("--vary optimizer=sgd,adam --momentum 0.5")).contains("--momentum: adam has no momentum");
    assertThat(refused("--vary model=lenet5,mlp --pool max")).contains("--pool: mlp has no such setting");
    assertThat(refused("--vary model=lenet5,logistic")).contains("logistic distinguishes two classes");
    assertThat(refused("--vary lr=0.1 --resume --overwrite")).contains("give one of them");
    assertThat(Cli.run("compare").failsWith(2)).contains("--vary: expected a value (OPTION=VALUE,...), got none");
    assertThat(compare("--vary lr=0.1,0.1").failsWith(1)).contains("'0.1' is given twice with the same seed");
    assertThat(compare("--vary momentum=0.9,0 --optimizer nesterov").failsWith(1)).contains("Nesterov");
    assertThat(compare("--vary input=1x28x28,1x8x8").failsWith(1)).contains("an image of 1x8x8 does not suit lenet5");
    assertThat(folder).doesNotExist();
  }

  @Test
  void otherFilesAreNotTouched() throws IOException {
    Files.createDirectory(folder);
    Files.writeString(folder.resolve("thesis.txt"), "mine");
    assertThat(compare("--vary lr=0.1,0.2 --overwrite").failsWith(1))
        .contains("holds other files (thesis.txt) and no comparison");
    assertThat(folder).isDirectoryNotContaining("glob:**/compare.json");
  }
}

package dev.fovea.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** The configuration of a run, from which its file, its command and comparisons follow. */
class RunConfigTest {
  private static final RunConfig.Training TRAINING =
      new RunConfig.Training(8, "adam", 0.01, 0, 1e-3, "cosine", 5, -7, 2);

  private static final RunConfig CONFIG = new RunConfig(
      "mlp", Map.of("hidden", "8,6", "class-weights", "1.0,0.5"), "digits:100", "d1", "i1", 3, 0, TRAINING);

  /** The keys of the file, in every version. */
  private static final String FILE = "{'network':'mlp','options':{'class-weights':'1.0,0.5','hidden':'8,6'},'data':'digits:100',"
      + "'data_fingerprint':'d1','init_fingerprint':'i1','epochs':3,'steps':0,'batch_size':8,'optimizer':'adam',"
      + "'learning_rate':0.01,'momentum':0.0,'weight_decay':0.001,'schedule':'cosine','warmup':5,'seed':-7,'threads':2}";

  private static RunConfig read(String json) {
    return RunConfig.of(JsonFile.parse("config.json", json.replace('\'', '"')));
  }

  @Test
  void theFileHoldsEveryField() {
    ObjectNode json = JsonFile.object();
    CONFIG.writeTo(json);
    assertThat(json.toString().replace('"', '\'')).isEqualTo(FILE);
    assertThat(read(FILE)).isEqualTo(CONFIG);
  }

  @Test
  void fileWithoutInitIsRead() {
    assertThat(read(FILE.replace("'init_fingerprint':'i1',", "")).initFingerprint()).isEmpty();
  }

  @Test
  void commandHasEveryRelevantOption() {
    assertThat(CONFIG.command(Path.of("runs/a b"))).isEqualTo(
        "fovea train --model mlp --data digits:100 --class-weights 1.0,0.5 --hidden 8,6 --epochs 3 --batch-size 8 --optimizer adam"
            + " --lr 0.01 --weight-decay 0.001 --schedule cosine --warmup 5 --seed -7 --out 'runs/a b'");
    RunConfig.Training plain = new RunConfig.Training(8, "sgd", 0.01, 0, 1e-3, "cosine", 0, 1, 2);
    assertThat(new RunConfig("mlp", Map.of(), "digits", 3, 20, plain).arguments().keySet()).containsExactly(
        "model", "data", "epochs", "steps", "batch-size", "optimizer", "lr", "momentum", "weight-decay", "schedule", "seed");
  }

  @Test
  void descriptionHasEveryRelevantSetting() {
    assertThat(CONFIG.describe().toString().replace(", ", " ")).isEqualTo("{network=mlp class-weights=1.0,0.5 hidden=8,6"
        + " data=digits:100 epochs=3 steps=all batch_size=8 optimizer=adam learning_rate=0.01 momentum=0.0 weight_decay=0.001"
        + " schedule=cosine warmup=5 seed=-7 init_fingerprint=i1 data_fingerprint=d1}");
  }

  @Test
  void everyFieldExceptThreadsIsCompared() {
    for (String changed : List.of("'mlp'>'mlq'", "'8,6'>'8,7'", "'digits:100'>'digits'", "'d1'>'d2'", "'i1'>'i2'",
        "'epochs':3>'epochs':4",
        "'steps':0>'steps':9", "_size':8>_size':9", "'adam'>'adamw'", "0.01,>0.02,", "momentum':0.0>momentum':0.5", "0.001>0.002",
        "'cosine'>'step'", "'warmup':5>'warmup':6", "-7>-8", "'threads':2>'threads':3")) {
      String[] words = changed.split(">", -1);
      RunConfig other = read(FILE.replace(words[0], words[1]));
      assertThat(other).as(changed).isNotEqualTo(CONFIG);
      assertThat(CONFIG.difference(other).isEmpty()).as(changed).isEqualTo(changed.contains("threads"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"'1.0,0.5'>'1.0,half'", "'epochs':3>'epochs':'3'", "'hidden':'8,6'>'hidden':8", "'data':>'date':",
      "0.01,>'much',", "'class-weights':'1.0,0.5'>'label-smoothing':'some'"})
  void damagedFileIsRefusedInOneLine(String changed) {
    String[] words = changed.split(">", -1);
    assertThatThrownBy(() -> read(FILE.replace(words[0], words[1])))
        .isInstanceOfSatisfying(FolderInUseException.class, e -> assertThat(e.modes()).containsExactly(RunFolder.Mode.OVERWRITE))
        .hasMessageStartingWith("config.json")
        .hasMessageContaining(" is damaged: ")
        .hasMessageEndingWith(": the run cannot be resumed; overwrite it");
  }

  @Test
  void invalidLossOptionsAreRefused() {
    assertThatThrownBy(() -> new RunConfig("mlp", Map.of("label-smoothing", "x"), "digits", 3, 0, TRAINING))
        .isInstanceOf(FoveaException.class)
        .hasMessage("label-smoothing: expected a number, got 'x'");
  }

  @Test
  void invisibleCharactersAreShownInMessages() {
    assertThatThrownBy(() -> JsonFile.parse("config.json", "{\"a\": z\u0001}")).isInstanceOf(FoveaException.class)
        .hasMessageContaining("'z?'");
  }
}

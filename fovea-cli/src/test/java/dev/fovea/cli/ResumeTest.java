package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Precision;
import dev.fovea.tensor.Rng;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code fovea train --resume}: the folder holds the run's options. */
class ResumeTest {
  private static final int IMAGES = 60;

  @TempDir
  private Path folder;

  private Path run;

  /** A few images of noise in ten classes. */
  @BeforeEach
  void makeData() throws IOException {
    run = folder.resolve("run");
    for (String part : new String[] {"train", "t10k"}) {
      ByteBuffer images = ByteBuffer.allocate(16 + IMAGES * 784).putInt(0x803).putInt(IMAGES).putInt(28).putInt(28);
      ByteBuffer labels = ByteBuffer.allocate(8 + IMAGES).putInt(0x801).putInt(IMAGES);
      for (int i = 0; i < IMAGES * 784; i++) {
        images.put((byte) Rng.of(3).below(i, 256));
      }
      for (int i = 0; i < IMAGES; i++) {
        labels.put((byte) (i % 10));
      }
      Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
      Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
    }
  }

  /** Runs train with the options of a line. DATA stands for the data set, a tab for a blank inside a word. */
  private Cli train(String line) {
    Stream<String> words = Stream.of(line.split(" ", -1)).map(word -> word.equals("DATA") ? "mnist:" + folder : word);
    return Cli.run(Stream.concat(Stream.of("train", "--out", run), words).toArray());
  }

  /** Trains, and removes the result, as if the run had been cut off before its evaluation. */
  private Cli cutOff(String line) throws IOException {
    Cli trained = train(line).succeeds();
    Path config = run.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"result\"", "\"cut\""));
    return trained;
  }

  /** The option is set for the process, which other tests share. */
  @AfterEach
  void resetPrecision() {
    System.clearProperty(Precision.PROPERTY);
  }

  @Test
  void resumeNeedsOnlyTheFolder() throws IOException {
    for (String line : new String[] {
        "--model logistic --data DATA --classes 3,8 --epochs 2 --batch-size 4 --lr 0.05 --seed 5 --warmup 1 --schedule step",
        "--model mlp --hidden 8,6 --activation tanh --data DATA --epochs 1 --optimizer nesterov --momentum 0.5 --input 1x14x14"
            + " --augment crop --loss focal --precision exact --steps 3 --weight-decay 0 --threads 1",
        "--model input->fc,4 --data DATA --epochs 1 --optimizer adam --label-smoothing 0.1 --class-weights 1,1,1,1,1,1,1,1,1,2"}) {
      String form = line.replace("input->fc,4", "input->[fc\t4]*1->fc");
      Cli trained = cutOff(form + " --overwrite");
      assertThat(train("--resume").succeeds().out()).as(form).isEqualTo(trained.out());
      assertThat(train("--resume").succeeds().err()).contains("this run is finished already");
    }
  }

  @Test
  @Tag("slow")
  void optionsGivenAgainMustBeTheSameExceptThreads() throws IOException {
    Cli trained = cutOff("--model mlp --hidden 8 --data DATA --epochs 1 --lr 0.05");
    assertThat(train("--resume --lr 0.050 --threads 2 --data DATA").succeeds().out()).isEqualTo(trained.out());
    assertThat(train("--resume --lr 0.5").failsWith(1)).contains(
        run + ": the run was started with learning_rate 0.05, now 0.5: resume with the same settings, or name another folder");
    assertThat(train("--resume --epochs 2").failsWith(1)).contains("the run was started with epochs 1, now 2");
    assertThat(train("--resume --model lenet5").failsWith(1)).contains(
        run + ": was started with other settings (--model lenet5: --hidden: lenet5 has no such setting");
    assertThat(train("--resume --optimizer adam").failsWith(1)).contains(
        run + ": was started with other settings (--optimizer adam: --momentum: adam has no momentum");
  }

  /** Windows of even sides had less padding in older notations: the network must not change silently. */
  @Test
  void notationWithAnotherMeaningIsRefused() throws IOException {
    train("--model input->conv\t2\t2x2->relu->global->fc --data DATA --epochs 1").succeeds();
    Path config = run.resolve("config.json");
    assertThat(Files.readString(config)).contains("\"input -> conv 2 2x2 pad same -> relu -> global -> fc\"");
    Files.writeString(config, Files.readString(config).replace(" pad same", ""));
    String line = train("--resume").failsWith(1);
    assertThat(line).startsWith("fovea: " + run + ": its network, input -> conv 2 2x2 -> relu -> global -> fc, was written when a"
        + " window of even sides without pad shrank the map, and now means another network: start again");
    assertThat(train("--resume --model input->conv\t2\t2x2->relu->global->fc").failsWith(1)).isEqualTo(line);
    assertThat(Cli.run("evaluate", run).succeeds().out()).startsWith("accuracy");
  }
}

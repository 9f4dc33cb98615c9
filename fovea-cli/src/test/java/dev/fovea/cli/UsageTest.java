package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Wrong command lines: exit code 2, and one line that names the option and the command whose help to read. */
class UsageTest {
  private record Case(String line, String message) {}

  private static final List<Case> CASES = List.of(
      new Case("", "a command is missing: expected one of train, compare, tune, overfit, check, evaluate,"),
      new Case("trian", "there is no command 'trian': did you mean train?"),
      new Case("-x", "there is no option '-x'"),
      new Case("train --batch-size 0", "--batch-size: expected an integer, 1 or more, got 0 (see fovea train --help)"),
      new Case("train --batch-size 2.5", "--batch-size: expected an integer, 1 or more, got 2.5"),
      new Case("train --batch-size 99999999999",
          "--batch-size: expected an integer, 1 or more, at most 2147483647, got 99999999999"),
      new Case("train --epochs -1", "--epochs: expected an integer, 1 or more, got -1 (see fovea train --help)"),
      new Case("train --epochs=", "--epochs: expected an integer, 1 or more, got ''"),
      new Case("train --lr abc", "--lr: expected a number above 0, got 'abc' (see fovea train --help)"),
      new Case("train --lr 0", "--lr: expected a number above 0, got 0"),
      new Case("train --lr NaN", "--lr: expected a number above 0, got 'NaN'"),
      new Case("train --lr 1e999", "--lr: expected a number above 0, got 1e999"),
      new Case("train --lr", "--lr: expected a value (X), got none"),
      new Case("train --momentum 1", "--momentum: expected a number from 0 up to, not including, 1, got 1"),
      new Case("train --weight-decay -0.1", "--weight-decay: expected a number, 0 or more, got -0.1"),
      new Case("train --seed x", "--seed: expected a 64-bit integer, got 'x'"),
      new Case("train --seed 99999999999999999999", "--seed: expected a 64-bit integer, got 99999999999999999999"),
      new Case("train --threads 0", "--threads: expected an integer from 1 to 1024, got 0"),
      new Case("train --steps 0", "--steps: expected an integer, 1 or more, got 0"),
      new Case("train --optimizer adamv", "--optimizer: there is no 'adamv': did you mean adam"),
      new Case("train --schedule cosin", "--schedule: there is no 'cosin': did you mean cosine?"),
      new Case("train --pool maximum", "--pool: there is no 'maximum': available: max, mean, gaussian, trainable"),
      new Case("train --activation rely", "--activation: there is no 'rely': did you mean relu?"),
      new Case("train --model lenet6", "--model: there is no network 'lenet6': did you mean lenet5?"),
      new Case("train --data nmist", "--data: there is no data set 'nmist', only digits[:N],"),
      new Case("train --data digits:1", "--data: 'digits:1': expected a number of training images, 2 to"),
      new Case("train --input 28x28", "--input: expected channels x height x width, as in 3x224x224, got '28x28'"),
      new Case("train --input 1x0x28", "--input: a shape's sizes must be 1 or more, got 1x0x28"),
      new Case("train --out=", "--out: expected the name of a file or folder, got ''"),
      new Case("train --resume --overwrite", "--resume continues a run and --overwrite deletes it: give one of them"),
      new Case("train --hidden 64", "--hidden: lenet5 has no such setting, only --activation, --pool"),
      new Case("train --optimizer adam --momentum 0.5", "--momentum: adam has no momentum"),
      new Case("train --optimizer adagrad --momentum 0.5", "--momentum: adagrad has no momentum"),
      new Case("compare --repeat 0 --vary lr=1", "--repeat: expected an integer from 1 to 1000, got 0"),
      new Case("compare --repeat 2147483647 --vary lr=1", "--repeat: expected an integer from 1 to 1000, got 2147483647"),
      new Case("compare --repeat 2 --seed 9223372036854775807 --vary lr=1",
          "--repeat 2: seeds counted from --seed 9223372036854775807 exceed 64 bits"),
      new Case("train --bach-size 3", "there is no option '--bach-size': did you mean --batch-size?"),
      new Case("train --seed 1 --seed 2", "--seed is given twice: give it once"),
      new Case("train lenet5", "'lenet5' is one argument too many"),
      new Case("train --data digits:100 --model logistic", "logistic distinguishes two classes, digits:100 has 10: choose two"),
      new Case("evaluate", "missing: MODEL (see fovea evaluate --help)"),
      new Case("predict R", "missing: IMAGE (see fovea predict --help)"),
      new Case("predict R x.png --top 0", "--top: expected an integer, 1 or more, got 0"),
      new Case("summary", "missing: NETWORK|MODEL"),
      new Case("summary logistic --pool mean", "--pool: logistic has no such setting, nor any other: leave it out"),
      new Case("bench lenet5 --mode training",
          "--mode: there is no 'training': did you mean train? Available: train, infer, cold"),
      new Case("bench lenet5 --seconds 0", "--seconds: expected a number above 0, got 0"),
      new Case("bench lenet", "NETWORK|MODEL: there is no file, folder or network 'lenet': did you mean lenet5?"),
      new Case("demo",
          "a command is missing: expected one of convolution, backpropagation, unrolled, sliding (see fovea demo --help)"),
      new Case("demo convolutoin", "there is no command 'convolutoin': did you mean convolution?"));

  @TestFactory
  Stream<DynamicTest> errorIsOneLine() {
    return CASES.stream().map(c -> DynamicTest.dynamicTest("fovea " + c.line,
        () -> assertThat(Cli.run((Object[]) words(c.line)).failsWith(2)).startsWith("fovea: " + c.message)));
  }

  @Test
  void lineFeedInAnArgumentDoesNotBreakTheLine() {
    assertThat(Cli.run("summary", "no\nsuch\u001b[31m").failsWith(1)).contains("'no?such?[31m'");
  }

  private static String[] words(String line) {
    return line.isEmpty() ? new String[0] : line.split(" ", -1);
  }
}

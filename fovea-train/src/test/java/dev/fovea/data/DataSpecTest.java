package dev.fovea.data;

import static dev.fovea.data.Given.failure;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSpecTest {
  @Test
  void eachKindIsParsed() {
    assertThat(DataSpec.parse("digits").count()).isEqualTo(20_000);
    assertThat(DataSpec.parse("digits:500").count()).isEqualTo(500);
    assertThat(DataSpec.parse("mnist").folder()).isEmpty();
    assertThat(DataSpec.parse("mnist:some/where").folder()).contains(Path.of("some/where"));
    assertThat(DataSpec.parse("fashion-mnist:d").kind()).isEqualTo(DataSpec.Kind.FASHION_MNIST);
    assertThat(DataSpec.parse("cifar10").kind()).isEqualTo(DataSpec.Kind.CIFAR10);
    assertThat(DataSpec.parse("idx:d").kind()).isEqualTo(DataSpec.Kind.IDX);
    assertThat(DataSpec.parse("images:a:b").folder()).contains(Path.of("a:b"));
    assertThat(DataSpec.parse("segmentation:d").kind()).isEqualTo(DataSpec.Kind.SEGMENTATION);
  }

  @Test
  void tildeIsTheHomeFolder() {
    Path home = Path.of(System.getProperty("user.home"));
    assertThat(DataSpec.parse("images:~/x").folder()).contains(home.resolve("x"));
    assertThat(DataSpec.parse("images:~").folder()).contains(home);
    assertThat(DataSpec.parse("images:~x").folder()).contains(Path.of("~x"));
  }

  @Test
  void toStringIsTheParsedText() {
    for (String spec : new String[] {"digits", "digits:500", "mnist", "mnist:some/where", "cifar10:d", "images:a:b"}) {
      assertThat(DataSpec.parse(spec)).hasToString(spec);
    }
  }

  @Test
  void unknownKindListsTheKnownOnesAndTheNearest() {
    failure(() -> DataSpec.parse("mnits:d"))
        .contains("'mnits:d'", "digits[:N], mnist[:DIR]", "images:DIR", "did you mean mnist?");
    failure(() -> DataSpec.parse("MNIST")).contains("did you mean mnist?");
    failure(() -> DataSpec.parse("fashionmnist")).contains("did you mean fashion-mnist?");
    failure(() -> DataSpec.parse("cifar-10:x")).contains("did you mean cifar10?");
    failure(() -> DataSpec.parse("quantum")).contains("'quantum'", "only digits").doesNotContain("did you mean");
    failure(() -> DataSpec.parse("")).contains("''", "only digits");
    failure(() -> DataSpec.parse("x".repeat(100_000))).contains("xxx...', only digits").hasSizeLessThan(600);
    failure(() -> DataSpec.parse("two\nlines")).contains("two?lines");
  }

  @Test
  void folderWithoutKindSuggestsImages(@TempDir Path folder) {
    failure(() -> DataSpec.parse(folder.toString())).contains("write images:" + folder);
  }

  @Test
  void missingFolderIsReported() {
    for (String spec : new String[] {"images", "images:", "mnist:", "idx", "segmentation"}) {
      failure(() -> DataSpec.parse(spec)).contains("'" + spec + "'", ":DIR");
    }
  }

  @Test
  void numberOfDigitsIsChecked() {
    for (String spec : new String[] {"digits:", "digits:many", "digits:0", "digits:1", "digits:-5", "digits:1000001",
        "digits:1e3", "digits:99999999999"}) {
      failure(() -> DataSpec.parse(spec)).contains("'" + spec + "'", "2 to 1000000");
    }
  }

  @Test
  void invalidFolderNameIsRefused() {
    failure(() -> DataSpec.parse("images:a\0b")).contains("images:a?b", "invalid folder name");
  }
}

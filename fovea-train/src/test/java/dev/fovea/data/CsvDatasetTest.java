package dev.fovea.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.model.Task;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data sets listed in CSV files: what their columns mean, their parts, and what is refused. */
class CsvDatasetTest {
  @TempDir
  private Path folder;

  private final List<String> messages = new ArrayList<>();
  private final DataOptions options = DataOptions.standard().messages(messages::add);

  @BeforeEach
  void images() throws IOException {
    for (int i = 0; i < 6; i++) {
      Given.png(folder.resolve("images/" + i + ".png"), 5, 4, new Color(40 * i, 0, 0));
    }
  }

  /** With rows of images 0, 1, ... */
  private String csv(String header, String... rows) throws IOException {
    StringBuilder text = new StringBuilder("file," + header + "\n");
    for (int i = 0; i < rows.length; i++) {
      text.append("images/").append(i % 6).append(".png,").append(rows[i]).append('\n');
    }
    Files.writeString(folder.resolve("t.csv"), text);
    return "csv:" + folder.resolve("t.csv");
  }

  private Dataset all(String spec) {
    return Datasets.parts(DataSpec.parse(spec), options).train();
  }

  private static float[] target(Dataset data, int index) {
    float[] target = new float[data.task().size()];
    data.target(index, target, 0);
    return target;
  }

  @Test
  void aColumnOfTextIsOneLabel() throws IOException {
    Dataset data = all(csv("kind", "cat", "ant", "cat"));
    assertThat(data.task()).isEqualTo(new Task.OneLabel(List.of("ant", "cat")));
    assertThat(IntStream.range(0, 3).map(data::label)).containsExactly(1, 0, 1);
    assertThat(data.shape()).hasToString("3x4x5");
    assertThat(data.image(2).pixels()[0] & 0xff).isEqualTo(80);
    assertThat(messages).containsExactly("t.csv: 2 classes in column 'kind'");
  }

  @Test
  void labelsSeparatedByABar() throws IOException {
    Dataset data = all(csv("tags", "red|blue", "", "blue | green", "red|red"));
    assertThat(data.task()).isEqualTo(new Task.SeveralLabels(List.of("blue", "green", "red")));
    assertThat(target(data, 0)).containsExactly(1, 0, 1);
    assertThat(target(data, 1)).containsExactly(0, 0, 0);
    assertThat(target(data, 2)).containsExactly(1, 1, 0);
    assertThat(target(data, 3)).containsExactly(0, 0, 1);
    assertThat(messages).containsExactly("t.csv: 3 labels in column 'tags', separated by |");
  }

  @Test
  void columnsOfZeroAndOne() throws IOException {
    Dataset data = all(csv("wet,cold", "0,1", "1,1", "0,0"));
    assertThat(data.task()).isEqualTo(new Task.SeveralLabels(List.of("wet", "cold")));
    assertThat(target(data, 1)).containsExactly(1, 1);
    assertThat(all(csv("wet", "0", "1")).task()).as("a single one").isEqualTo(new Task.OneLabel(List.of("0", "1")));
    Task one = Datasets.parts(DataSpec.parse(csv("wet", "0", "1")), options.task(Task.Kind.LABELS)).train().task();
    assertThat(one).isEqualTo(new Task.SeveralLabels(List.of("wet")));
  }

  @Test
  void numbersAreStandardised() throws IOException {
    Dataset data = all(csv("x,y", "10,1.5", "20,-1.5", "60,0"));
    Task.Numbers task = (Task.Numbers) data.task();
    assertThat(task.names()).containsExactly("x", "y");
    assertThat(task.quantities().getFirst().mean()).isEqualTo(30);
    assertThat(task.quantities().getFirst().std()).isCloseTo(Math.sqrt(1400 / 3.0), within(1e-9));
    assertThat(target(data, 1)[0]).isCloseTo((float) (-10 / Math.sqrt(1400 / 3.0)), within(1e-6f));
    assertThat(data.classes()).isEmpty();
    assertThat(messages).containsExactly("t.csv: 2 numbers in the columns 'x', 'y'");
  }

  /** Images that are held out, for validation or by split, have no part in mean and standard deviation. */
  @Test
  void numbersAreStandardisedByTheImagesToTrainOn() throws IOException {
    String[] rows = IntStream.range(0, 24).mapToObj(i -> String.valueOf(i * i)).toArray(String[]::new);
    Split split = Datasets.open(csv("x", rows), options);
    assertThat(split.validation().size()).isEqualTo(2);
    Task.Quantity x = ((Task.Numbers) split.train().task()).quantities().getFirst();
    double mean =
        IntStream.range(0, split.train().size()).mapToDouble(i -> x.value(target(split.train(), i)[0])).average().orElse(0);
    assertThat(x.mean()).isCloseTo(mean, within(1e-3));
    assertThat(split.validation().task()).isEqualTo(split.train().task());
    Split parts = Datasets.open(csv("split,x", "train,1", "val,100", "Test,50", "training,3"), options);
    assertThat(((Task.Numbers) parts.train().task()).quantities().getFirst()).isEqualTo(new Task.Quantity("x", 2, 1));
    assertThat(target(parts.test().orElseThrow(), 0)).containsExactly(48);
  }

  @Test
  void columnsAndTaskAreChosen() throws IOException {
    String spec = csv("id,name,size", "7,ant,1.5", "8,bee,2.5", "9,ant,3");
    assertThat(all(spec + ":name").task()).isEqualTo(new Task.OneLabel(List.of("ant", "bee")));
    assertThat(all(spec + ":size,id").task().names()).containsExactly("size", "id");
    assertThat(messages.getLast()).isEqualTo("t.csv: 2 numbers in the columns 'size', 'id'");
    all(spec + ":id");
    assertThat(messages.getLast()).isEqualTo("t.csv: 1 number in column 'id'; if they are classes, choose the task label");
    Task classes = Datasets.parts(DataSpec.parse(spec + ":id"), options.task(Task.Kind.LABEL)).train().task();
    assertThat(classes).isEqualTo(new Task.OneLabel(List.of("7", "8", "9")));
    assertThat(DataSpec.parse(spec + ":size,id")).hasToString(spec + ":size,id");
    Given.failure(() -> all(spec))
        .isEqualTo("t.csv: the columns 'id', 'name', 'size' hold text and numbers, or several texts, and only"
            + " one text can be the label; choose columns, as in csv:t.csv:id");
    Given.failure(() -> all(spec + ":nam")).startsWith("t.csv: there is no column 'nam': did you mean name?");
    Given.failure(() -> all(spec + ":file")).contains("besides the paths in 'file', got that one");
  }

  /** The columns of a model's numbers are found among others, its labels keep their order. */
  @Test
  void columnsOfAModel() throws IOException {
    DataOptions ofModel = options.task(new Task.Numbers(List.of(new Task.Quantity("b", 0, 1))));
    assertThat(Datasets.parts(DataSpec.parse(csv("a,b,c", "x,1,2", "y,2,3")), ofModel).train().task().names())
        .containsExactly("b");
    DataOptions ofLabels = options.task(new Task.SeveralLabels(List.of("z", "a", "m")));
    assertThat(Datasets.parts(DataSpec.parse(csv("tags", "a", "z|a")), ofLabels).train().task().names())
        .containsExactly("z", "a", "m");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '~', value = {
      "label ~ cat;;dog ~ LABEL ~ t.csv: line 3, column 'label': expected a class, got nothing; mend the cell, or remove the line",
      "x ~ 1;two ~ NUMBERS ~ t.csv: line 3, column 'x': expected a number, got 'two'",
      "x ~ 1;NaN ~ NUMBERS ~ t.csv: line 3, column 'x': expected a number, got 'NaN'",
      "x ~ 1;1e999 ~ NUMBERS ~ t.csv: line 3, column 'x': expected a number, got '1e999'",
      "x ~ 1e308;-1e308 ~ NUMBERS ~ t.csv: the numbers in column 'x' are too large; choose other columns",
      "a,b ~ 1,0;2,1 ~ LABELS ~ t.csv: line 3, column 'a': expected 0 or 1, got '2'",
      "split,x ~ train,1;later,2 ~ NUMBERS ~ t.csv: line 3, column 'split': expected train, validation or test, got 'later'",
      "split,x ~ val,1;test,2 ~ NUMBERS ~ t.csv: column 'split' has no train",
      "label ~ cat;cat ~ LABEL ~ t.csv: expected 2 labels or more in column 'label', got [cat]",
      "a,b ~ x,1;y,2 ~ LABEL ~ t.csv: one label is in one column, got 'a', 'b'; choose it, as in csv:t.csv:a"})
  void badRowsAreNamed(String header, String rows, Task.Kind kind, String message) throws IOException {
    String spec = csv(header, rows.split(";", -1));
    Given.failure(() -> Datasets.open(spec, options.task(kind))).startsWith(message);
  }

  /** To evaluate a model, a number may be the same in all images, and one class may be the only one. */
  @Test
  void fewLabelsAreEnoughToEvaluate() throws IOException {
    Split equal = Datasets.open(csv("x", "4", "4", "4"), options);
    assertThat(((Task.Numbers) equal.train().task()).quantities()).containsExactly(new Task.Quantity("x", 4, 1));
    Given.failure(equal::warnings).isEqualTo("t.csv: 'x' is 4.0 in all training images, so there is nothing to learn; choose"
        + " other columns");
    assertThat(Datasets.open(csv("x", "4", "4", "5"), options).warnings()).isEmpty();
    Dataset dogs = Datasets.parts(DataSpec.parse(csv("label", "dog", "dog")),
        options.task(new Task.OneLabel(List.of("cat", "dog")))).train();
    assertThat(dogs.classes()).containsExactly("cat", "dog");
    assertThat(dogs.label(1)).isEqualTo(1);
  }

  @Test
  void absolutePathsInsideTheFolderAreTheSameAsRelativeOnes() throws IOException {
    String relative = all(csv("x", "1", "2")).fingerprint();
    Path file = folder.resolve("t.csv");
    Files.writeString(file, Files.readString(file).replace("images/", folder.toAbsolutePath() + "/images/"));
    assertThat(all("csv:" + file).fingerprint()).isEqualTo(relative);
  }

  @Test
  void missingImagesAreSkippedIfAsked() throws IOException {
    String spec = csv("label", "a", "b", "a", "b", "a", "b");
    Files.delete(folder.resolve("images/4.png"));
    Files.writeString(folder.resolve("images/1.png"), "no image");
    Dataset data = all(spec);
    Given.failure(() -> data.image(4)).contains("4.png");
    Given.failure(data::fingerprint).startsWith("t.csv names ").endsWith("4.png: cannot be read, no such file");
    DatasetParts readable = Datasets.parts(DataSpec.parse(spec), options.skipUnreadable(true));
    assertThat(readable.train().size()).isEqualTo(4);
    assertThat(readable.skipped()).hasSize(2);
    assertThat(IntStream.range(0, 4).map(readable.train()::label)).containsExactly(0, 0, 1, 1);
  }

  @Test
  void fingerprintDependsOnTheTargets() throws IOException {
    String one = all(csv("x", "1", "2", "3")).fingerprint();
    assertThat(all(csv("x", "1", "2", "3")).fingerprint()).isEqualTo(one);
    assertThat(all(csv("x", "1", "2", "4")).fingerprint()).isNotEqualTo(one);
    assertThat(all(csv("y", "1", "2", "3")).fingerprint()).isNotEqualTo(one);
  }

  @Test
  void severalLabelsAreNotSelected() throws IOException {
    Dataset data = all(csv("tags", "a|b", "b"));
    Given.failure(() -> Datasets.only(data, List.of("a", "b")))
        .startsWith("t.csv: classes are selected only where an image has one");
    Given.failure(() -> Datasets.perClass(data, 1, 1)).contains("only where an image has one label, it has several labels");
    assertThat(data.subset(new int[] {1}, "s").task()).isEqualTo(data.task());
  }
}

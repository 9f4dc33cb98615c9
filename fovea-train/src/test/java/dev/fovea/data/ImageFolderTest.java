package dev.fovea.data;

import static dev.fovea.data.Given.classFolders;
import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.greyPng;
import static dev.fovea.data.Given.png;
import static dev.fovea.data.Given.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.format.FileNames;
import dev.fovea.image.ImageDecoders;
import dev.fovea.tensor.Shape;
import java.awt.Color;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {
  private static final byte[] HEIC = "0000ftypheic".getBytes(StandardCharsets.US_ASCII);

  @TempDir
  Path folder;

  private final List<String> messages = new ArrayList<>();

  private Split open() {
    return Datasets.open("images:" + folder, DataOptions.standard().messages(messages::add));
  }

  private static List<String> names(ImageFolder images) {
    return IntStream.range(0, images.size()).mapToObj(i -> FileNames.last(images.file(i))).toList();
  }

  @Test
  void classesAndFilesAreSortedByCodePoint() throws IOException {
    assumeTrue("UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding")), "this locale cannot name these files");
    for (String name : List.of("猫", "Zebra", "ape", "\uD83D\uDC31", "\uFF21", "ähre")) {
      png(folder.resolve(name).resolve("b.png"), 2, 2, Color.RED);
      png(folder.resolve(name).resolve("a.png"), 2, 2, Color.RED);
    }
    ImageFolder images = ImageFolder.of(folder);
    // U+FF21 is before the cat above U+FFFF, although its UTF-16 code unit is larger.
    assertThat(images.classes()).containsExactly("Zebra", "ape", "ähre", "猫", "\uFF21", "\uD83D\uDC31");
    assertThat(names(images)).startsWith("a.png", "b.png");
    assertThat(images.label(11)).isEqualTo(5);
    assertThat(images.image(11).width()).isEqualTo(2);
  }

  @Test
  void otherFilesAreSkipped() throws IOException {
    classFolders(folder, 1, "cat", "dog");
    for (String other : List.of(".hidden.png", ".DS_Store", "Thumbs.db", "notes.txt", "noextension", "a.png.json")) {
      write(folder.resolve("cat").resolve(other), new byte[] {1});
    }
    Files.createDirectories(folder.resolve("cat/folder.png"));
    Files.createDirectories(folder.resolve(".git"));
    Files.createDirectories(folder.resolve("__MACOSX"));
    write(folder.resolve("SOURCE.txt"), new byte[] {1});
    png(folder.resolve("dog").resolve("UPPER.PNG"), 2, 2, Color.RED);
    png(folder.resolve("dog").resolve("double.ext.jpg.jpg"), 2, 2, Color.RED);
    ImageFolder images = ImageFolder.of(folder);
    assertThat(images.classes()).containsExactly("cat", "dog");
    assertThat(names(images)).containsExactly("p0.png", "UPPER.PNG", "double.ext.jpg.jpg", "p0.png");
  }

  @Test
  void skippedImagesAreCountedAndReportedOnce() throws IOException {
    classFolders(folder.resolve("train"), 1, "cat", "dog");
    classFolders(folder.resolve("val"), 1, "cat", "dog");
    write(folder.resolve("train/cat/a.heic"), HEIC);
    write(folder.resolve("val/dog/b.HEIC"), HEIC);
    write(folder.resolve("val/dog/b.psd"), new byte[] {'8', 'B', 'P', 'S'});
    open();
    assertThat(messages).hasSize(1);
    assertThat(messages.getFirst()).contains(folder.toString(), "skipped: 2 HEIC, 1 PSD;", "convert");
  }

  @Test
  void imagesOfAMissingDecoderAreSkippedWithTheArtifactThatReadsThem() throws IOException {
    assumeFalse(ImageDecoders.formats().contains("WEBP"), "fovea-images is on the class path");
    classFolders(folder, 1, "cat", "dog");
    Path webp = folder.resolve("cat/a.webp");
    write(webp, "RIFF0000WEBPVP8 ".getBytes(StandardCharsets.US_ASCII));
    assertThat(open().skipped()).singleElement()
        .hasToString(webp + ": is not a supported image: WEBP; the artifact dev.fovea:fovea-images reads WEBP: add it");
    assertThat(messages.getFirst())
        .contains("skipped: 1 WEBP; the artifact dev.fovea:fovea-images reads WEBP: add it; images may be");
  }

  @Test
  void trainValidationAndTestFoldersAreRead() throws IOException {
    classFolders(folder.resolve("train"), 3, "cat", "dog");
    classFolders(folder.resolve("val"), 2, "cat", "dog");
    classFolders(folder.resolve("test"), 1, "cat", "dog");
    Split split = open();
    assertThat(split.train().size()).isEqualTo(6);
    assertThat(split.validation().size()).isEqualTo(4);
    assertThat(split.test().orElseThrow().size()).isEqualTo(2);
    assertThat(split.train().name()).isEqualTo(folder.getFileName() + ":train");
    assertThat(split.validation().name()).isEqualTo(folder.getFileName() + ":validation");
  }

  @Test
  void validationIsHeldOutIfMissing() throws IOException {
    classFolders(folder.resolve("train"), 30, "cat", "dog");
    classFolders(folder.resolve("test"), 1, "cat", "dog");
    Split split = open();
    assertThat(split.train().size()).isEqualTo(55);
    assertThat(split.validation().size()).isEqualTo(5);
    assertThat(split.test()).isPresent();
    assertThat(split.validation().name()).isEqualTo(folder.getFileName() + ":validation");
  }

  @Test
  void everyTenthImageOfAClassIsATestImageByDefault() throws IOException {
    classFolders(folder, 9, "cat", "dog");
    for (int i = 0; i < 14; i++) {
      greyPng(folder.resolve("dog/q" + (char) ('a' + i) + ".png"), 2, 2, 10 * i);
    }
    Split split = open();
    assertThat(names((ImageFolder) split.test().orElseThrow())).containsExactly("qa.png", "qk.png");
    assertThat(split.test().orElseThrow().label(0)).isEqualTo(1);
    assertThat(split.test().orElseThrow().name()).isEqualTo(folder.getFileName() + ":test");
    assertThat(split.train().size() + split.validation().size()).isEqualTo(9 + 21);
    assertThat(messages).singleElement().asString().contains("images:" + folder.getFileName(), "has no test/", "every tenth",
        "2 in all");
  }

  @Test
  void classesMayHaveReadableNames() throws IOException {
    classFolders(folder.resolve("train"), 1, "n01", "n02", "n03", "n04");
    classFolders(folder.resolve("val"), 1, "n01", "n02", "n03", "n04");
    Files.writeString(folder.resolve("classes.txt"), "n03\tcrane\nn02\tcrane, bird\n\nn01\tcliff, drop\nn99\tabsent\nno tab\n");
    Split split = open();
    assertThat(messages).singleElement().asString().contains("classes.txt: names 3 of 4 class folders, but not n04;");
    assertThat(split.train().classes()).containsExactly("cliff", "n02", "n03", "n04");
    assertThat(split.validation().classes()).isEqualTo(split.train().classes());
    Files.write(folder.resolve("classes.txt"), new byte[] {(byte) 0xff, 10});
    failure(this::open).contains("classes.txt", "not UTF-8");
  }

  @Test
  void namesThatAreOtherFoldersStayUnique() throws IOException {
    classFolders(folder, 1, "x", "y", "z");
    Files.writeString(folder.resolve("classes.txt"), "x\tn\ny\tn\nz\tx\n");
    assertThat(open().train().classes()).containsExactly("x", "y", "z");
  }

  @Test
  void namesMayFollowBlanksAndAByteOrderMark() throws IOException {
    classFolders(folder, 1, "big cat", "big", "n03");
    Files.writeString(folder.resolve("classes.txt"), "\uFEFFbig cat  lion, Panthera leo\r\nbig Large thing\r\nn03\r\n");
    assertThat(open().train().classes()).containsExactly("Large thing", "lion", "n03");
    assertThat(messages).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Tench\nGoldfish\nShark", "0 Tench\n1 Goldfish\n2 Shark", "n01,Tench", "n01: Tench"})
  void listThatNamesNoFolderIsReported(String list) throws IOException {
    classFolders(folder, 1, "n01", "n02", "n03", "n04");
    Files.writeString(folder.resolve("classes.txt"), list);
    assertThat(open().train().classes()).containsExactly("n01", "n02", "n03", "n04");
    assertThat(messages).singleElement().asString().endsWith("classes.txt: names 0 of 4 class folders, but not n01, n02, n03, "
        + "...; expected in each line a folder, a tab and its name");
  }

  @ParameterizedTest
  @CsvSource({
      "Train, Val, Test", "training, validation, testing", "TRAINING, Valid, TESTING", "train_set, val_set, test_set",
      "Training Data, validation-data, Test Data", "train_images, valid, test_images"
  })
  void partsMayHaveSimilarNames(String train, String validation, String test) throws IOException {
    classFolders(folder.resolve(train), 3, "cat", "dog");
    classFolders(folder.resolve(validation), 2, "cat", "dog");
    classFolders(folder.resolve(test), 1, "cat", "dog");
    Split split = open();
    assertThat(split.train().size()).isEqualTo(6);
    assertThat(split.validation().size()).isEqualTo(4);
    assertThat(split.test().orElseThrow().size()).isEqualTo(2);
    assertThat(messages).isEmpty();
    assertThat(split.train().name()).isEqualTo(folder.getFileName() + ":train");
  }

  @Test
  void ambiguousAndUnknownPartFoldersAreReported() throws IOException {
    classFolders(folder.resolve("train"), 3, "cat", "dog");
    classFolders(folder.resolve("Testing"), 1, "cat", "dog");
    classFolders(folder.resolve("evaluation"), 1, "cat", "dog");
    assertThat(open().test().orElseThrow().size()).isEqualTo(2);
    assertThat(messages).singleElement().asString().contains("skipped evaluation/ next to train/, Testing/;",
        "train, val and test");
    classFolders(folder.resolve("test_set"), 1, "cat", "dog");
    failure(this::open).contains(folder + ": expected one folder like test/, found Testing/, test_set/;");
  }

  @Test
  void classMayBeCalledTrain() throws IOException {
    classFolders(folder, 4, "bus", "train");
    assertThat(open().train().classes()).containsExactly("bus", "train");
  }

  @Test
  void testFolderWithoutClassesIsSkippedAndReported() throws IOException {
    classFolders(folder.resolve("train"), 3, "cat", "dog");
    png(folder.resolve("test/unknown.png"), 2, 2, Color.RED);
    assertThat(open().test()).isEmpty();
    assertThat(messages).hasSize(2);
    assertThat(messages.getFirst()).contains("skipped: 1 outside the class folders");
    assertThat(messages.getLast()).contains("test", "skipped", "no class folders");
  }

  @Test
  void imagesMayBeInAFolderNamedImages() throws IOException {
    classFolders(folder, 1, "cat");
    png(folder.resolve("dog/images/a.png"), 2, 2, Color.RED);
    assertThat(ImageFolder.of(folder).classes()).containsExactly("cat", "dog");
  }

  @Test
  void emptyClassFolderIsReported() throws IOException {
    classFolders(folder, 1, "cat", "dog");
    Path empty = Files.createDirectories(folder.resolve("fish"));
    failure(this::open).contains(empty.toString(), "class folder is empty", "remove the folder");
    write(empty.resolve("a.heic"), HEIC);
    failure(this::open).contains(empty.toString(), "found only 1 HEIC");
    Files.delete(empty.resolve("a.heic"));
    Files.createDirectories(empty.resolve("salmon"));
    failure(this::open).contains(empty.toString(), "found none");
  }

  @Test
  void fewerThanTwoClassesAreRefused() throws IOException {
    failure(this::open).contains(folder.toString(), "two class folders or more, found none", "give the folder");
    classFolders(folder, 1, "cat");
    failure(this::open).contains(folder.toString(), "found only cat", "give the folder");
  }

  @Test
  void missingFolderAndFileInsteadOfFolderAreReported() throws IOException {
    failure(() -> Datasets.open("images:" + folder.resolve("nowhere"))).contains("nowhere", "no such folder");
    Path file = write(folder.resolve("file"), new byte[1]);
    failure(() -> Datasets.open("images:" + file)).contains(file.toString(), "this is a file");
  }

  @Test
  void unknownClassesInValidationAreReported() throws IOException {
    classFolders(folder.resolve("train"), 1, "cat", "dog", "fish");
    classFolders(folder.resolve("val"), 1, "cat", "dog");
    assertThat(open().validation().size()).as("fish has none there").isEqualTo(2);
    classFolders(folder.resolve("val"), 1, "fish", "bird");
    failure(this::open).contains("val", "'bird' is not in train/");
  }

  @Test
  void partsWithoutTrainOrClassesAreRefused() throws IOException {
    classFolders(folder.resolve("test"), 1, "cat", "dog");
    failure(this::open).contains("no train/ next to it", folder.resolve("test").toString());
    Path flat = folder.resolve("flat");
    png(flat.resolve("train/a.png"), 2, 2, Color.RED);
    png(flat.resolve("val/a.png"), 2, 2, Color.RED);
    failure(() -> Datasets.open("images:" + flat)).contains(flat.resolve("train").toString(), "expected class folders in it");
  }

  @Test
  void brokenImageIsReported() throws IOException {
    classFolders(folder, 2, "cat", "dog");
    write(folder.resolve("dog/p1.png"), "no image".getBytes(StandardCharsets.UTF_8));
    ImageFolder images = ImageFolder.of(folder);
    failure(() -> images.image(3)).contains("p1.png");
  }

  @Test
  void danglingLinkIsReportedOnAccess() throws IOException {
    classFolders(folder, 1, "cat", "dog");
    Files.createSymbolicLink(folder.resolve("dog/gone.png"), folder.resolve("nowhere.png"));
    ImageFolder images = ImageFolder.of(folder);
    assertThat(names(images)).containsExactly("p0.png", "gone.png", "p0.png");
    failure(() -> images.image(1)).contains("gone.png");
  }

  @Test
  void controlCharactersInNamesKeepMessagesOnOneLine() throws IOException {
    classFolders(folder, 1, "cat", "dog");
    Files.createDirectories(folder.resolve("two\nlines"));
    failure(this::open).contains("two?lines");
  }

  @Test
  void shapeIsMedianAndInColourIfAnyImageIs() throws IOException {
    greyPng(folder.resolve("a/1.png"), 4, 9, 10);
    greyPng(folder.resolve("a/2.png"), 5, 8, 10);
    greyPng(folder.resolve("b/1.png"), 6, 7, 10);
    assertThat(ImageFolder.of(folder).shape()).isEqualTo(Shape.of(1, 8, 5));
    png(folder.resolve("b/2.png"), 5, 8, Color.RED);
    assertThat(ImageFolder.of(folder).shape()).isEqualTo(Shape.of(3, 8, 5));
  }

  @Test
  void fingerprintDependsOnNamesAndBytesNotOnFolder() throws IOException {
    Path one = classFolders(folder.resolve("one"), 2, "cat", "dog");
    Path two = classFolders(folder.resolve("two"), 2, "cat", "dog");
    String print = ImageFolder.of(one).fingerprint();
    assertThat(print).hasSize(64).isEqualTo(ImageFolder.of(two).fingerprint());
    png(two.resolve("dog/p1.png"), 8, 6, Color.BLUE);
    String other = ImageFolder.of(two).fingerprint();
    assertThat(other).isNotEqualTo(print);
    Files.move(two.resolve("dog/p1.png"), two.resolve("dog/p9.png"));
    assertThat(ImageFolder.of(two).fingerprint()).isNotEqualTo(other).isNotEqualTo(print);
  }

  @Test
  void fingerprintOfALargeSetHashesFirstBytesOfEachFile() throws IOException {
    classFolders(folder, 1, "cat", "dog");
    byte[] large = new byte[40_000];
    write(folder.resolve("cat/p0.png"), large);
    String print = ImageFolder.of(folder).hash(1000);
    large[39_000] = 1;
    write(folder.resolve("cat/p0.png"), large);
    assertThat(ImageFolder.of(folder).hash(1000)).isEqualTo(print);
    large[9_000] = 1;
    write(folder.resolve("cat/p0.png"), large);
    assertThat(ImageFolder.of(folder).hash(1000)).isNotEqualTo(print);
    assertThat(ImageFolder.of(folder).hash(1 << 20)).isEqualTo(ImageFolder.of(folder).fingerprint());
  }

  @Test
  void realClassFoldersAreRead() {
    Split tiny = Datasets.open("images:" + Given.realData("tiny-imagenet/dev10"));
    assertThat(tiny.train().size()).isEqualTo(5_000);
    assertThat(tiny.validation().size()).isEqualTo(500);
    assertThat(tiny.train().classes()).startsWith("bullfrog", "Egyptian cat").contains("plunger", "cliff");
    assertThat(tiny.train().shape()).isEqualTo(Shape.of(3, 64, 64));
    Split flowers = Datasets.open("images:" + Given.realData("flowers"));
    assertThat(flowers.train().classes()).containsExactly("daisy", "dandelion", "rose", "sunflower", "tulip");
    assertThat(flowers.test().orElseThrow().size()).isEqualTo(76 + 105 + 78 + 73 + 98);
    assertThat(flowers.train().size() + flowers.validation().size()).isEqualTo(4_317 - 430);
    assertThat(flowers.train().shape()).isEqualTo(Shape.of(3, 128, 128));
    assertThat(flowers.train().fingerprint()).hasSize(64);
  }
}

package dev.fovea.data;

import static dev.fovea.data.Given.classFolders;
import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.png;
import static dev.fovea.data.Given.write;
import static org.assertj.core.api.Assertions.assertThat;

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

/** Which files of class folders are images, and that skipped files are reported. */
class ClassFoldersTest {
  @TempDir
  Path folder;

  private final List<String> messages = new ArrayList<>();

  private Split open() {
    return Datasets.open("images:" + folder, DataOptions.standard().messages(messages::add));
  }

  private List<String> names() {
    return ClassFolders.in(folder).images().stream().map(ClassFolders.LabelledFile::name).toList();
  }

  @Test
  void subfoldersOfClassFoldersAreReadAfterTheirFiles() throws IOException {
    classFolders(folder, 2, "cat", "dog");
    for (String name : List.of("cat/2022/may/x.png", "cat/2022/a.png", "cat/2021/z.png", "cat/.hidden/h.png",
        "cat/__MACOSX/m.png")) {
      png(folder.resolve(name), 2, 2, Color.RED);
    }
    assertThat(names()).containsExactly("cat/p0.png", "cat/p1.png", "cat/2021/z.png", "cat/2022/a.png", "cat/2022/may/x.png",
        "dog/p0.png", "dog/p1.png");
    open();
    assertThat(messages).singleElement().asString().contains(folder.toString(), "3 of its 7 images are in subfolders");
  }

  @Test
  void cyclicLinksTerminate() throws IOException {
    classFolders(folder, 1, "cat", "dog");
    png(folder.resolve("cat/deep/a.png"), 2, 2, Color.RED);
    Files.createSymbolicLink(folder.resolve("cat/deep/up"), folder.resolve("cat"));
    Files.createSymbolicLink(folder.resolve("cat/root"), folder);
    Files.createSymbolicLink(folder.resolve("cat/twice"), folder.resolve("cat/deep"));
    assertThat(names()).containsExactly("cat/p0.png", "cat/deep/a.png", "dog/p0.png");
    open();
    assertThat(messages.getLast()).contains("skipped: 3 link to a folder that is already read");
  }

  @Test
  void linksToReadFoldersAreNotClasses(@TempDir Path elsewhere) throws IOException {
    classFolders(folder, 2, "cat", "dog");
    classFolders(elsewhere, 1, "emu");
    Files.createSymbolicLink(folder.resolve("again"), folder.resolve("cat"));
    Files.createSymbolicLink(folder.resolve("loop"), folder);
    Files.createSymbolicLink(folder.resolve("emu"), elsewhere.resolve("emu"));
    assertThat(ClassFolders.in(folder).classes()).containsExactly("cat", "dog", "emu");
    assertThat(names()).containsExactly("cat/p0.png", "cat/p1.png", "dog/p0.png", "dog/p1.png", "emu/p0.png");
    open();
    assertThat(messages.getLast()).contains("skipped: 2 link to a folder that is already read");
  }

  @Test
  void imagesWithoutExtensionAreDetectedByContent() throws IOException {
    classFolders(folder, 1, "cat", "dog");
    byte[] image = Files.readAllBytes(folder.resolve("cat/p0.png"));
    write(folder.resolve("cat/noending"), image);
    write(folder.resolve("cat/photo.jfif"), image);
    write(folder.resolve("dog/b.tmp"), image);
    write(folder.resolve("dog/notes.txt"), "notes".getBytes(StandardCharsets.UTF_8));
    write(folder.resolve("dog/nothing"), new byte[0]);
    assertThat(names()).containsExactly("cat/noending", "cat/p0.png", "cat/photo.jfif", "dog/b.tmp", "dog/p0.png");
    assertThat(open().skipped()).extracting(SkippedFile::kind).containsExactly("text", "empty");
    assertThat(messages).singleElement().asString().contains("skipped: 1 empty, 1 text;");
  }

  @Test
  void imagesOutsideClassFoldersAreCounted() throws IOException {
    for (String part : List.of("train", "test")) {
      classFolders(folder.resolve(part), 2, "cat", "dog");
      png(folder.resolve(part).resolve("stray.png"), 2, 2, Color.RED);
    }
    png(folder.resolve("cover.png"), 2, 2, Color.RED);
    write(folder.resolve("LICENSE"), "free".getBytes(StandardCharsets.UTF_8));
    open();
    assertThat(messages).singleElement().asString().contains("skipped: 3 outside the class folders;");
  }

  @Test
  void classWithoutTestImagesIsAllowed() throws IOException {
    classFolders(folder.resolve("train"), 5, "cat", "dog", "fish");
    classFolders(folder.resolve("val"), 2, "fish");
    classFolders(folder.resolve("test"), 2, "cat", "fish");
    Files.createDirectories(folder.resolve("test/dog"));
    Files.createDirectories(folder.resolve("test/bird"));
    Split split = open();
    assertThat(split.test().orElseThrow().size()).isEqualTo(4);
    assertThat(IntStream.range(0, 4).map(split.test().orElseThrow()::label)).containsExactly(0, 0, 2, 2);
    assertThat(split.warnings()).satisfiesExactly(
        line -> assertThat(line).contains(":validation: 0 images for validation are of the 2 classes 'cat', 'dog'"),
        line -> assertThat(line).contains(":test: 0 test images are of the class 'dog', so it is not evaluated"));
    png(folder.resolve("test/bird/a.png"), 2, 2, Color.RED);
    failure(this::open).contains("test: the class 'bird' is not in train/; add it there, or remove it here");
  }

  @Test
  void partWithoutImagesIsSkippedAndReported() throws IOException {
    classFolders(folder.resolve("train"), 30, "cat", "dog");
    Files.createDirectories(folder.resolve("val/cat"));
    assertThat(open().validation().size()).as("held out of train/").isEqualTo(5);
    assertThat(messages).singleElement().asString().contains("val: skipped, it holds no class folders with images");
  }
}

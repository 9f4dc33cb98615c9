package dev.fovea.data;

import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Image;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarShardsTest {
  @TempDir
  Path folder;

  private final List<String> messages = new ArrayList<>();

  private static byte[] image(int value) {
    byte[] pixels = new byte[3 * 5];
    Arrays.fill(pixels, (byte) value);
    return new Image(5, 3, 1, pixels).png();
  }

  private DatasetParts open(Path path) {
    return Datasets.parts(DataSpec.parse("tar:" + path), DataOptions.standard().messages(messages::add));
  }

  private DatasetParts open(Tar tar) throws IOException {
    write(folder.resolve("a.tar"), tar.bytes());
    return open(folder.resolve("a.tar"));
  }

  private static List<Integer> labels(Dataset data) {
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      labels.add(data.label(i));
    }
    return labels;
  }

  @Test
  void imagesAreReadAtTheirPosition() throws IOException {
    Dataset data = open(new Tar().file("x/0001.png", image(1)).file("x/0001.cls", "2").file("x/0002.cls", " 0\n")
        .file("x/0002.png", image(2)).file("x/0003.txt", "a caption").file("x/0003.PNG", image(3))
        .file("x/0003.json", "{\"caption\": \"a\", \"label\": 1}")).train();
    assertThat(labels(data)).containsExactly(2, 0, 1);
    assertThat(data.classes()).containsExactly("0", "1", "2");
    for (int i = 2; i >= 0; i--) {
      assertThat(data.image(i).at(4, 2, 0)).isEqualTo(i + 1);
    }
    assertThat(data.shape().toString()).isEqualTo("1x3x5");
    assertThat(messages).singleElement().asString().contains("tar:", "not used: 1 txt");
  }

  @Test
  void labelsMayBeNames() throws IOException {
    Dataset data = open(new Tar().file("1.png", image(1)).file("1.cls", "dog").file("2.png", image(2))
        .file("2.json", "{\"class\": \"cat\"}").file("3.png", image(3)).file("3.cls", "7")).train();
    assertThat(data.classes()).containsExactly("7", "cat", "dog");
    assertThat(labels(data)).containsExactly(2, 1, 0);
  }

  @Test
  void partsComeFromNamesOrFolders() throws IOException {
    for (String part : List.of("train", "val", "test")) {
      byte[] tar = new Tar().file("a.png", image(1)).file("a.cls", "1").file("b.png", image(2)).file("b.cls", "0").bytes();
      write(folder.resolve("flat/photos-" + part + "-0000.tar"), tar);
      write(folder.resolve("deep/" + part + "/0000.tar"), tar);
    }
    write(folder.resolve("flat/classnames.txt"), "cat\ndog\n".getBytes(UTF_8));
    for (String way : List.of("flat", "deep")) {
      DatasetParts parts = open(folder.resolve(way));
      assertThat(parts.train().name()).isEqualTo(way + ":train");
      assertThat(parts.validation().orElseThrow().size()).isEqualTo(2);
      assertThat(parts.test().orElseThrow().size()).isEqualTo(2);
      assertThat(parts.train().classes()).isEqualTo(way.equals("flat") ? List.of("cat", "dog") : List.of("0", "1"));
    }
    DatasetParts some = open(folder.resolve("flat/*train*.tar"));
    assertThat(some.test()).isEmpty();
    assertThat(some.train().fingerprint()).isEqualTo(open(folder.resolve("flat")).train().fingerprint());
    failure(() -> open(folder.resolve("flat/*none*"))).contains("found no archive with training images");
    failure(() -> open(folder.resolve("missing"))).endsWith("missing: no such file or folder");
    failure(() -> open(folder.resolve("flat/[x.tar"))).contains("neither a file nor a valid pattern");
  }

  @Test
  void fingerprintFollowsTheContent() throws IOException {
    Tar tar = new Tar().file("a.png", image(1)).file("a.cls", "1");
    String first = open(tar).train().fingerprint();
    assertThat(open(new Tar().file("other.png", image(1)).file("other.cls", "1")).train().fingerprint()).isEqualTo(first);
    assertThat(open(new Tar().file("a.png", image(2)).file("a.cls", "1")).train().fingerprint()).isNotEqualTo(first);
    assertThat(open(new Tar().file("a.png", image(1)).file("a.cls", "0")).train().fingerprint()).isNotEqualTo(first);
  }

  @Test
  void longNamesAndOtherEntriesAreKnown() throws IOException {
    String name = "x".repeat(150);
    byte[] header = new byte[512];
    Tar.put(header, 0, "sparse.png");
    Tar.put(header, 124, "00000000000\0");
    header[156] = 'S';
    header[482] = 1;
    Dataset data = open(new Tar().entry("folder/", '5', 0, new byte[0]).pax("path", name + ".png").file("short", image(1))
        .pax("path", name + ".cls").file("short", "1").entry("@LongLink", 'L', 7, "b.png\0".getBytes(UTF_8))
        .file("short", image(2))
        .file("b.cls", "0").entry("c.png", '2', 0, new byte[0]).entry("d.png", '3', 0, new byte[0]).block(header)
        .entry("", '\0', 0, new byte[0])).train();
    assertThat(labels(data)).containsExactly(1, 0);
    assertThat(messages).singleElement().asString().contains("1 device, 1 link, 1 sparse file");
  }

  @Test
  void samplesThatAreNotWholeAreCounted() throws IOException {
    assertThat(open(new Tar().file("1.png", image(1)).file("2.png", image(2)).file("2.cls", "0").file("3.cls", "1")
        .file("3.jpg.bak", "x").file("README", "x").file("4.png", image(1)).file("4.json", "{").file(".x.png", image(1))).train()
        .size()).isEqualTo(1);
    assertThat(messages).singleElement().asString()
        .endsWith("not used: 1 file without an extension, 1 hidden file, 2 image without a"
            + " label, 1 jpg.bak, 1 json that is damaged, 1 sample without an image");
    failure(() -> open(new Tar().file("1.png", image(1)))).contains("found no image with a label in ", "a.tar;");
  }

  @Test
  void metadataMayBeLarge() throws IOException {
    String large = "{\"caption\": \"" + "x".repeat(2 << 20) + "\"}";
    assertThat(open(new Tar().file("1.png", image(1)).file("1.json", large).file("1.cls", "3")).train().label(0)).isEqualTo(3);
    assertThat(open(new Tar().file("1.png", image(1)).file("1.cls", "3").file("1.json", large)).train().size()).isEqualTo(1);
  }

  @Test
  void unreadableImageNamesItsFileInTheArchive() throws IOException {
    Tar tar =
        new Tar().file("/x/1.png", Arrays.copyOf(image(1), 40)).file("/x/1.cls", "0").file("2.png", image(2)).file("2.cls", "1")
            .file("3.png", image(3)).file("3.cls", "0");
    Dataset data = open(tar).train();
    failure(() -> data.image(0)).startsWith(folder.resolve("a.tar") + "/x/1.png: ");
    DatasetParts readable = Datasets.parts(DataSpec.parse("tar:" + folder.resolve("a.tar")),
        DataOptions.standard().skipUnreadable(true));
    assertThat(readable.train().size()).isEqualTo(2);
    assertThat(readable.skipped()).hasSize(1);
  }

  @Test
  void damagedArchivesAreRefusedInOneLine() throws IOException {
    byte[] whole = new Tar().file("1.png", image(1)).file("1.cls", "0").bytes();
    write(folder.resolve("a.tar"), new Tar().file("1.png", image(1)).file("1.cls", "0").open());
    assertThat(open(folder.resolve("a.tar")).train().size()).as("without an end").isEqualTo(1);
    Path file = folder.resolve("a.tar");
    write(file, Given.gzip(whole));
    failure(() -> open(file)).contains("a.tar", "is compressed", "gunzip");
    write(file, "<html>".repeat(200).getBytes(UTF_8));
    failure(() -> open(file)).contains("is not a tar archive");
    write(file, Arrays.copyOf(whole, 550));
    failure(() -> open(file)).contains("damaged at byte 512", "truncated");
    write(file, Arrays.copyOf(whole, 1324));
    failure(() -> open(file)).contains("truncated");
    failure(() -> open(new Tar().entry("1.png", '0', 1L << 32, new byte[0]))).contains("a file of 4294967296 bytes begins here");
    failure(() -> open(new Tar().pax("size", "999999999999").file("1.png", image(1)))).contains("a file of 999999999999 bytes");
    failure(() -> open(new Tar().pax("size", "-1").file("1.png", image(1)))).contains("expected a size, got '-1'");
    failure(() -> open(new Tar().entry("x", 'x', 3, "9 a".getBytes(UTF_8)))).contains("expected attributes");
    failure(() -> open(new Tar().entry("x", 'x', 2 << 20, new byte[0]))).contains("at most 1048576 bytes");
    failure(() -> open(new Tar().file("1.png", image(1)).file("1.cls", "x".repeat(2000)))).contains("1.cls", "at most 1024");
    failure(() -> open(new Tar().file("1.png", image(1)).file("1.cls", "99999999"))).contains("a label is 99999999");
  }

  @Test
  void randomChangesGiveADataSetOrOneLine() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] whole = new Tar().pax("path", "long.png").file("1.png", image(1)).file("long.cls", "0").file("2.png", image(2))
        .file("2.json", "{\"label\": 3}").bytes();
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] changed = Arrays.copyOf(whole, random.nextInt(4) == 0 ? random.nextInt(whole.length) : whole.length);
      for (int n = random.nextInt(4); n >= 0 && changed.length > 0; n--) {
        int at = random.nextInt(changed.length);
        changed[at] = (byte) random.nextInt(256);
        int header = at / 512 * 512;
        if (random.nextBoolean() && header + 512 <= changed.length) {
          byte[] summed = new Tar().block(Arrays.copyOfRange(changed, header, header + 512)).open();
          System.arraycopy(summed, 0, changed, header, 512);
        }
      }
      write(folder.resolve("r.tar"), changed);
      try {
        Dataset data = open(folder.resolve("r.tar")).train();
        for (int k = 0; k < data.size(); k++) {
          read(data, k);
        }
      } catch (FoveaException e) {
        assertThat(e.getMessage()).as("seed %d", seed).contains("r.tar").doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).as("seed %d", seed).isBetween(1, 300);
  }

  private static Optional<Image> read(Dataset data, int index) {
    try {
      return Optional.of(data.image(index));
    } catch (UnreadableImages e) {
      return Optional.empty();
    }
  }
}

package dev.fovea.data;

import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.labels;
import static dev.fovea.data.Given.png;
import static dev.fovea.data.Given.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Fit;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.Shape;
import java.awt.Color;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentationFolderTest {
  @TempDir
  Path folder;

  private Split open() {
    return Datasets.open("segmentation:" + folder);
  }

  /** An image of 3x2 pixels and its label map. */
  private void pair(String part, String name, int... classes) throws IOException {
    png(folder.resolve(part).resolve(name + ".png"), 3, 2, Color.RED);
    labels(folder.resolve(part + "annot").resolve(name + ".png"), 3, classes);
  }

  private void voc(String name, int... classes) throws IOException {
    png(folder.resolve("JPEGImages").resolve(name + ".jpg"), 3, 2, Color.RED);
    labels(folder.resolve("SegmentationClass").resolve(name + ".png"), 3, classes);
  }

  private void list(String part, String names) throws IOException {
    Files.createDirectories(folder.resolve("ImageSets/Segmentation"));
    Files.writeString(folder.resolve("ImageSets/Segmentation/" + part + ".txt"), names);
  }

  private static int[] indices(LabelMap map) {
    return IntStream.range(0, map.classes().length).map(i -> map.classes()[i] & 0xff).toArray();
  }

  @Test
  void foldersMayHaveSimilarNames() throws IOException {
    pair("train", "a", 0, 1, 2, 3, 4, 10);
    pair("val", "b", 0, 1, 2, 3, 4, 10);
    pair("test", "c", 0, 1, 2, 3, 4, 10);
    String print = open().train().fingerprint();
    for (String[] names : new String[][] {
        {"train", "Training"}, {"trainannot", "TrainingAnnot"}, {"val", "valid"}, {"valannot", "validannot"}, {"test", "Test"},
        {"testannot", "TESTANNOT"}}) {
      Files.move(folder.resolve(names[0]), folder.resolve(names[1]));
    }
    Split split = open();
    assertThat(split.train().labelled(0).labels().at(2, 1)).isEqualTo(10);
    assertThat(split.train().fingerprint()).isEqualTo(print);
    assertThat(split.validation().size() + split.test().orElseThrow().size()).isEqualTo(2);
    assertThat(split.validation().name()).endsWith(":validation");
  }

  @Test
  void byteOrderMarksAreSkipped() throws IOException {
    voc("one", 0, 1, 0, 1, 0, 1);
    voc("two", 0, 1, 0, 1, 0, 1);
    list("train", "\uFEFFone\r\ntwo\r\n");
    Files.writeString(folder.resolve("classes.txt"), "\uFEFFground\r\nthing\r\n");
    assertThat(open().train().classes()).containsExactly("ground", "thing");
    assertThat(open().train().labelled(0).labels().at(1, 0)).isEqualTo(1);
  }

  /** An image is rotated by its EXIF orientation, but its label map is not. */
  @Test
  void sizesDifferingByOrientationAreExplained() throws IOException {
    pair("train", "a", 0, 1, 2, 3, 4, 10);
    rotate(folder.resolve("train/a.png"));
    failure(() -> SegmentationFolder.parts(folder, _ -> {}).train().labelled(0))
        .contains(
            "a.png: is 3x2, its image a.png is 2x3; a.png is rotated by 90 degrees according to its EXIF orientation;");
    rotate(folder.resolve("trainannot/a.png"));
    assertThat(SegmentationFolder.parts(folder, _ -> {}).train().labelled(0).image().toString()).isEqualTo("2x3x3");
    assertThat(SegmentationFolder.parts(folder, _ -> {}).train().labelled(0).labels().at(1, 0)).isZero();
  }

  /** Gives a PNG the EXIF orientation of a rotation by 90 degrees clockwise. */
  private static void rotate(Path png) throws IOException {
    byte[] chunk = HexFormat.of().parseHex("0000001a" + "65584966" + "4d4d002a00000008" + "0001" + "011200030000000100060000"
        + "00000000");
    CRC32 sum = new CRC32();
    sum.update(chunk, 4, chunk.length - 4);
    byte[] file = Files.readAllBytes(png);
    int header = 33;
    Files.write(png, ByteBuffer.allocate(file.length + chunk.length + 4).put(file, 0, header).put(chunk)
        .putInt((int) sum.getValue()).put(file, header, file.length - header).array());
  }

  @Test
  void camVidsLayoutIsRead() throws IOException {
    pair("train", "b", 0, 1, 2, 3, 4, 10);
    pair("train", "a", 0, 0, 0, 0, 0, 255);
    pair("val", "c", 11, 10, 11, 0, 255, 1);
    Split split = open();
    assertThat(split.train().name()).isEqualTo(folder.getFileName() + ":train");
    assertThat(split.train().segments()).isTrue();
    assertThat(split.train().classes()).hasSize(11).startsWith("Sky", "Building").endsWith("Bicyclist");
    assertThat(split.train().size()).isEqualTo(2);
    assertThat(split.train().shape()).isEqualTo(Shape.of(3, 2, 3));
    assertThat(indices(split.train().labelled(1).labels())).containsExactly(0, 1, 2, 3, 4, 10);
    assertThat(split.train().labelled(1).image().at(2, 1, 0)).isEqualTo(255);
    assertThat(indices(split.validation().labelled(0).labels())).as("11 is none").containsExactly(255, 10, 255, 0, 255, 1);
    assertThat(split.test()).isEmpty();
  }

  @Test
  void pascalsLayoutIsReadByItsLists() throws IOException {
    voc("2007_1", 0, 20, 255, 15, 0, 0);
    voc("2007_2", 1, 1, 1, 1, 1, 1);
    png(folder.resolve("JPEGImages/without-labels.jpg"), 3, 2, Color.RED);
    list("train", "2007_2\n");
    list("val", "2007_1 \n\n");
    list("test", "2008_9\n");
    Split split = open();
    assertThat(split.train().classes()).hasSize(21).startsWith("background", "aeroplane").endsWith("tvmonitor");
    assertThat(indices(split.train().labelled(0).labels())).containsOnly(1);
    assertThat(indices(split.validation().labelled(0).labels())).containsExactly(0, 20, 255, 15, 0, 0);
    assertThat(split.test()).isEmpty();
  }

  @Test
  void vocFindsTheFolderOfTheYear() throws IOException {
    Path outer = folder;
    folder = outer.resolve("VOCdevkit/VOC2012");
    voc("a", 0, 20, 255, 15, 0, 0);
    list("train", "a");
    list("val", "a");
    String print = open().train().fingerprint();
    for (Path given : List.of(outer, outer.resolve("VOCdevkit"), folder)) {
      assertThat(Datasets.open("voc:" + given).train().fingerprint()).isEqualTo(print);
    }
    Files.createDirectories(outer.resolve("VOCdevkit/VOC2007/SegmentationClass"));
    failure(() -> Datasets.open("voc:" + outer)).contains("voc:" + outer, "VOCdevkit/VOC2012", "found 2; name one of them");
    failure(() -> Datasets.open("voc:" + folder.resolve("JPEGImages"))).contains("found none");
  }

  @Test
  void classesAreReadFromAFile() throws IOException {
    pair("train", "a", 0, 1, 1, 1, 255, 0);
    pair("train", "b", 0, 1, 1, 1, 1, 1);
    Files.writeString(folder.resolve("classes.txt"), "cell\n wall \n");
    Split split = open();
    assertThat(split.train().classes()).containsExactly("cell", "wall");
    assertThat(split.validation().size()).as("held out").isEqualTo(1);
    assertThat(split.validation().segments()).isTrue();
    assertThat(split.validation().labelled(0).labels().height()).isEqualTo(2);
    Files.writeString(folder.resolve("classes.txt"), "cell\n");
    failure(this::open).contains("classes.txt", "2 to 255 classes, one per line, got 1");
    Files.writeString(folder.resolve("classes.txt"), "cell\ncell\n");
    failure(this::open).contains("classes.txt", "'cell' is named twice");
  }

  @Test
  void binaryMasksMayHave255() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 0, 0);
    pair("train", "b", 0, 255, 255, 0, 0, 0);
    pair("val", "c", 255, 255, 0, 0, 0, 0);
    Files.writeString(folder.resolve("classes.txt"), "ground\ncell\n");
    List<String> messages = new ArrayList<>();
    DataOptions options = DataOptions.standard().messages(messages::add);
    Split split = Datasets.open("segmentation:" + folder, options);
    assertThat(indices(split.train().labelled(1).labels())).containsExactly(0, 1, 1, 0, 0, 0);
    assertThat(indices(split.validation().labelled(0).labels())).containsExactly(1, 1, 0, 0, 0, 0);
    assertThat(messages).singleElement().asString().contains("0 and 255 and never 1, so 255 is read as the second class, 'cell'");
    assertThat(split.warnings()).isEmpty();
    labels(folder.resolve("trainannot/a.png"), 3, 0, 0, 1, 0, 0, 0);
    assertThat(indices(open().train().labelled(1).labels())).as("one map has a 1").containsExactly(0, 255, 255, 0, 0, 0);
    assertThat(open().warnings()).isEmpty();
  }

  @Test
  void missingAndSingleClassesAreReportedBeforeTraining() throws IOException {
    pair("train", "a", 0, 0, 255, 0, 0, 0);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    failure(() -> open().warnings()).contains("all its training labels are of the class 'Sky'", "255 is not a class",
        "classes.txt");
    labels(folder.resolve("trainannot/a.png"), 3, 255, 11, 255, 255, 11, 11);
    failure(() -> open().warnings()).contains("no training label has a class", "255 is not a class");
    labels(folder.resolve("trainannot/a.png"), 3, 0, 1, 2, 3, 4, 5);
    assertThat(open().warnings()).singleElement().asString()
        .contains("no training label is of the 5 classes 'SignSymbol', 'Fence', 'Car', 'Pedestrian', 'Bicyclist'");
  }

  @Test
  void otherFilesAreCountedAndImagesNeedNoExtension() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 0, 0);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    Files.copy(folder.resolve("train/a.png"), folder.resolve("train/b"));
    Files.copy(folder.resolve("trainannot/a.png"), folder.resolve("trainannot/b"));
    Files.writeString(folder.resolve("train/notes"), "text");
    Files.createDirectories(folder.resolve("val/more"));
    List<String> messages = new ArrayList<>();
    Split split = Datasets.open("segmentation:" + folder, DataOptions.standard().messages(messages::add));
    assertThat(split.train().size()).isEqualTo(2);
    assertThat(messages).singleElement().asString().contains("skipped: 1 folder, 1 text");
  }

  @Test
  void labelWithoutClassIsReportedWithFilePixelAndValue() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 12, 0);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    failure(() -> open().train().labelled(0)).contains("trainannot", "a.png", "pixel (1, 1) has the label 12", "0 to 10, or 11");
    voc("v", 0, 0, 21, 0, 0, 0);
    list("train", "v");
    list("val", "v");
    failure(() -> open().train().labelled(0)).contains("v.png", "pixel (2, 0) has the label 21", "0 to 20, or 255");
  }

  @Test
  void labelMapOfAnotherSizeIsReportedWithBothSizes() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 0, 0);
    labels(folder.resolve("trainannot/a.png"), 2, 0, 0, 0, 0);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    failure(() -> open().train().labelled(0)).contains("trainannot", "a.png: is 2x2, its image a.png is 3x2");
  }

  @Test
  void labelMapOfColoursIsRefused() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 0, 0);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    png(folder.resolve("trainannot/a.png"), 3, 2, Color.RED);
    failure(() -> open().train().labelled(0)).contains("a.png", "class indices", "got 3 channels");
  }

  @Test
  void filesWithoutPartnerAreReported() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 0, 0);
    pair("train", "b", 0, 0, 0, 0, 0, 0);
    pair("val", "c", 0, 0, 0, 0, 0, 0);
    Files.delete(folder.resolve("trainannot/b.png"));
    failure(this::open).contains("b.png: has no label map", "trainannot/");
    Files.delete(folder.resolve("train/b.png"));
    Files.delete(folder.resolve("val/c.png"));
    failure(this::open).contains("c.png: has no image", "val/");
    Files.delete(folder.resolve("val"));
    failure(this::open).contains("val", "no such folder");
    png(folder.resolve("val/c.png"), 3, 2, Color.RED);
    png(folder.resolve("val/c.gif"), 3, 2, Color.RED);
    failure(this::open).contains("has the name of c.");
  }

  @Test
  void missingListedFileIsReported() throws IOException {
    voc("a", 0, 0, 0, 0, 0, 0);
    failure(this::open).contains("has no ImageSets/Segmentation/train.txt");
    list("train", "a\nb\n");
    failure(this::open).contains("b.jpg: no such file", "train.txt names it");
    png(folder.resolve("JPEGImages/b.jpg"), 3, 2, Color.RED);
    failure(this::open).contains("SegmentationClass", "b.png: no such file");
    list("train", "../../etc/passwd");
    failure(this::open).contains("train.txt", "without folder and extension", "passwd");
    list("train", "\n");
    failure(this::open).contains("train.txt", "holds no images");
  }

  @Test
  void unknownLayoutsAndEmptyFoldersAreRefused() throws IOException {
    failure(this::open).contains(folder.toString(), "CamVid's layout", "Pascal VOC's", "found neither");
    Files.createDirectories(folder.resolve("train"));
    Files.createDirectories(folder.resolve("trainannot"));
    failure(this::open).contains("train", "holds no images");
    failure(() -> Datasets.open("segmentation:" + folder.resolve("nowhere"))).contains("nowhere", "no such folder");
  }

  @Test
  void imagesAndLabelsHaveInputSize() throws IOException {
    pair("train", "a", 0, 1, 2, 3, 11, 5);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    PreprocessedDataset fitted = open().train().preprocessed(Preprocessing.of(Shape.of(3, 4, 6), Fit.STRETCH));
    float[] image = new float[72];
    float[] labels = new float[1 + 24];
    fitted.read(0, image, 0, labels, 1);
    assertThat(labels).containsExactly(
        0, 0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 3, 3, -1, -1, 5, 5, 3, 3, -1, -1, 5, 5);
    assertThat(image).startsWith(1, 1).endsWith(0, 0);
    assertThat(fitted.labelled(0).labels()).hasToString("6x4");
    assertThat(fitted.segments()).isTrue();
    failure(() -> open().train().preprocessed(Preprocessing.of(Shape.of(3, 4, 6), Fit.CROP))).contains("stretched", "got CROP");
  }

  @Test
  void memoryForLabelsIsCounted() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 0, 0);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    Preprocessing small = Preprocessing.of(Shape.of(3, 2, 3), Fit.STRETCH);
    assertThat(PreprocessedDataset.limited(open().train(), small, _ -> {}, 24).inMemory()).isTrue();
    assertThat(PreprocessedDataset.limited(open().train(), small, _ -> {}, 23).inMemory()).isFalse();
  }

  @Test
  void pixelLabelsAreNotImageLabels() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 0, 0);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    Dataset train = open().train();
    failure(() -> train.label(0)).contains("labels pixels, not images");
    failure(() -> train.subset(new int[1], "one").label(0)).contains("labels pixels");
    failure(() -> Datasets.only(train, List.of("Sky", "Car"))).contains("cannot be selected");
    failure(() -> DigitsDataset.test().labelled(0)).contains("labels images, not pixels");
  }

  @Test
  void fingerprintDependsOnImagesLabelsAndClasses() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 0, 0);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    String print = open().train().fingerprint();
    assertThat(print).hasSize(64).isEqualTo(open().train().fingerprint());
    labels(folder.resolve("trainannot/a.png"), 3, 0, 0, 1, 0, 0, 0);
    assertThat(open().train().fingerprint()).isNotEqualTo(print);
    labels(folder.resolve("trainannot/a.png"), 3, 0, 0, 0, 0, 0, 0);
    Files.writeString(folder.resolve("classes.txt"), "x\ny\n");
    assertThat(open().train().fingerprint()).isNotEqualTo(print);
  }

  @Test
  void brokenFilesAreReported() throws IOException {
    pair("train", "a", 0, 0, 0, 0, 0, 0);
    pair("val", "a", 0, 0, 0, 0, 0, 0);
    write(folder.resolve("trainannot/a.png"), new byte[] {1, 2, 3});
    failure(() -> open().train().labelled(0)).contains("trainannot", "a.png");
  }

  @Test
  void realRoadScenesAreRead() {
    Split camvid = Datasets.open("segmentation:" + Given.realData("camvid"));
    assertThat(camvid.train().size()).isEqualTo(62);
    assertThat(camvid.validation().size()).isEqualTo(21);
    assertThat(camvid.train().shape()).isEqualTo(Shape.of(3, 360, 480));
    long[] counts = new long[256];
    for (int i = 0; i < camvid.validation().size(); i++) {
      for (byte label : camvid.validation().labelled(i).labels().classes()) {
        counts[label & 0xff]++;
      }
    }
    assertThat(counts[ClassNames.CAMVID.indexOf("Road")]).isGreaterThan(counts[ClassNames.CAMVID.indexOf("Pole")]);
    assertThat(counts[LabelMap.VOID]).isPositive();
    assertThat(counts[11]).isZero();
  }
}

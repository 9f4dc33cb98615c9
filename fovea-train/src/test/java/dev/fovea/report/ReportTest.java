package dev.fovea.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Dataset;
import dev.fovea.data.MemoryDataset;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Evaluation.Mistake;
import dev.fovea.metric.Metrics;
import dev.fovea.metric.Scores;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.report.Report.Contents;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

public class ReportTest {
  private static final String HOSTILE =
      "</script><img src=x onerror=\"alert('1')\"/>&amp;\u0000\u001b\uD800\uFFFE\u202E\uD83D\uDE00";

  /** The tags that may load external resources, except images. */
  private static final List<String> LOADERS =
      List.of("script", "link", "iframe", "object", "embed", "base", "form", "audio", "video", "a", "use", "image");

  private static Model model(Layer layer, Shape input, List<String> classes) {
    return Model.create(layer, new Card("net", classes, Preprocessing.of(input, Fit.STRETCH), Map.of("data", "sha-of-data")), 3);
  }

  private static Model convolution(int channels, List<String> classes) {
    Layer layer = Sequential.of(Conv2d.of(4, 3).named("conv1"), new Flatten(), Linear.of(classes.size()).named("fc"));
    return model(layer, Shape.of(channels, 6, 5), classes);
  }

  private static Dataset images(int channels, List<String> classes) {
    byte[] pixels = new byte[8 * channels * 30];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 7);
    }
    return MemoryDataset.of("handmade:test", classes, Shape.of(channels, 6, 5), pixels, new int[8], Fit.STRETCH);
  }

  private static List<EpochMetrics> curve(int epochs) {
    return IntStream.rangeClosed(1, epochs).mapToObj(i -> new EpochMetrics(i, 1.0 / i, 1.2 / i, 1 - 0.3 / i, 0.1)).toList();
  }

  private static Evaluation evaluation(List<String> classes, int wrong, List<Mistake> worst) {
    int n = classes.size();
    long[][] confusion = new long[n][n];
    for (int c = 0; c < n; c++) {
      confusion[c][c] = 20;
      confusion[c][(c + 1) % n] = wrong;
    }
    return new Evaluation(classes, confusion, 0.25, worst);
  }

  private static Contents contents(List<String> classes, int channels) {
    List<Mistake> worst = List.of(new Mistake(3, 0, 1, 0.984), new Mistake(5, 1, 0, 0.6));
    return new Contents("net on handmade", Map.of("seed", "42"), curve(3), evaluation(classes, 1, worst), Optional.empty(),
        convolution(channels, classes), images(channels, classes), "fovea train --model net --seed 42");
  }

  private static Contents with(Contents c, List<EpochMetrics> curve, Metrics validation) {
    return new Contents(c.title(), c.configuration(), curve, validation, c.test(), c.model(), c.mistakesFrom(), c.command());
  }

  private static Contents with(Contents c, Model model) {
    return new Contents(c.title(), c.configuration(), c.curve(), c.validation(), c.test(), model, c.mistakesFrom(), c.command());
  }

  private static List<String> names(int n) {
    return IntStream.range(0, n).mapToObj(i -> "class " + i).toList();
  }

  /** Parses the page as XML, which fails if it is not well-formed. */
  public static Document parse(String html) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
      DocumentBuilder builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      return builder.parse(new InputSource(new StringReader(html)));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new AssertionError("the page is not well formed: " + e.getMessage(), e);
    }
  }

  private static List<Element> all(Document page, String tag) {
    NodeList nodes = page.getElementsByTagName(tag);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
  }

  /** The elements with this tag and this class. */
  private static List<Element> all(Document page, String tag, String kind) {
    return all(page, tag).stream().filter(e -> List.of(e.getAttribute("class").split(" ")).contains(kind)).toList();
  }

  private static List<Element> images(Document page, String alt) {
    return all(page, "img").stream().filter(i -> i.getAttribute("alt").startsWith(alt)).toList();
  }

  private static Image image(Element img) {
    String prefix = "data:image/png;base64,";
    assertThat(img.getAttribute("src")).startsWith(prefix);
    return Image.read(Base64.getDecoder().decode(img.getAttribute("src").substring(prefix.length())), "data URI");
  }

  @Test
  void showsMetricsAndSettingsOfARun() {
    Contents c = contents(names(3), 1);
    String text = parse(Report.html(c)).getDocumentElement().getTextContent();
    assertThat(text).contains("net on handmade", "handmade:test", "95.24\u00A0%", "accuracy on validation", "42");
    assertThat(text).contains("fovea train --model net --seed 42", c.model().parameters().fingerprint(), "sha-of-data");
    assertThat(text).contains("JDK", "engine", "cores", "precision", "recall", "F1", "support");
    assertThat(text).contains(String.valueOf(c.model().parameters().trainableSize()));
  }

  @Test
  void showsTheTestIfThereIsOne() {
    Contents c = contents(names(3), 1);
    Evaluation test = evaluation(names(3), 5, List.of());
    Contents tested = new Contents(
        c.title(), c.configuration(), c.curve(), c.validation(), Optional.of(test), c.model(), c.mistakesFrom(), c.command());
    String text = parse(Report.html(tested)).getDocumentElement().getTextContent();
    assertThat(text).contains("80.00\u00A0%", "accuracy on test", "validation accuracy", "95.24\u00A0%");
  }

  @Test
  void theMatrixHoldsEveryCount() {
    long[][] confusion = {{11, 2, 0}, {3, 12, 4}, {0, 0, 13}};
    Contents c = with(contents(names(3), 1), curve(2), new Evaluation(names(3), confusion, 0.1, List.of()));
    Element matrix = all(parse(Report.html(c)), "table", "matrix").getFirst();
    List<String> cells = new ArrayList<>();
    NodeList found = matrix.getElementsByTagName("td");
    for (int i = 0; i < found.getLength(); i++) {
      cells.add(found.item(i).getFirstChild().getTextContent());
    }
    assertThat(cells).containsExactly(
        "11", "2", "·", "84.6\u00A0%", "3", "12", "4", "63.2\u00A0%", "·", "·", "13", "100.0\u00A0%");
  }

  /** A column is as wide as its header, so long names would make the matrix wider than the page. */
  @Test
  void longNamesAreVerticalAboveTheMatrix() {
    assertThat(all(parse(Report.html(contents(List.of("cat", "dog", "parrot"), 1))), "table", "upright")).isEmpty();
    assertThat(all(parse(Report.html(contents(List.of("cat", "dog", "red fox"), 1))), "table", "upright")).hasSize(1);
    List<String> numbers = IntStream.range(0, 20).mapToObj(String::valueOf).toList();
    assertThat(all(parse(Report.html(contents(numbers, 1))), "table", "upright")).isEmpty();
    assertThat(all(parse(Report.html(contents(names(20), 1))), "table", "upright")).hasSize(1);
  }

  @Test
  void factsAreInOneOrTwoRows() {
    Element facts = all(parse(Report.html(contents(names(3), 1))), "dl", "facts").getFirst();
    assertThat(facts.getElementsByTagName("dt").getLength()).isEqualTo(7);
    assertThat(facts.getAttribute("style")).isEqualTo("--n:7;--half:4");
  }

  @Test
  void commandWrapsBetweenOptions() {
    Element command = all(parse(Report.html(contents(names(3), 1))), "code", "command").getFirst();
    assertThat(command.getTextContent()).isEqualTo("fovea train --model net --seed 42");
    NodeList parts = command.getElementsByTagName("span");
    assertThat(IntStream.range(0, parts.getLength()).mapToObj(i -> parts.item(i).getTextContent()))
        .containsExactly("fovea train", "--model net", "--seed 42");
  }

  @Test
  void mistakesAreShownAsImagesOfTheData() {
    Contents c = contents(names(3), 3);
    Document page = parse(Report.html(c));
    List<Element> figures = all(page, "figure").stream().filter(f -> f.getTextContent().contains("predicted")).toList();
    assertThat(figures).extracting(Element::getTextContent)
        .containsExactly("true class 0, predicted class 1 (0.98)", "true class 1, predicted class 0 (0.60)");
    Element image = (Element) figures.getFirst().getElementsByTagName("img").item(0);
    assertThat(image(image)).isEqualTo(c.mistakesFrom().image(3));
    assertThat(image.getAttribute("class")).isEqualTo("pixel");
  }

  @Test
  void unreadableImageIsReplacedByAMessage() {
    Contents c = contents(names(2), 1);
    Dataset gone = new Gone(c.mistakesFrom());
    Contents broken = new Contents(
        c.title(), c.configuration(), c.curve(), c.validation(), c.test(), c.model(), gone, c.command());
    assertThat(parse(Report.html(broken)).getDocumentElement().getTextContent()).contains("gone.png: is not there");
  }

  /** A data set whose files were removed after training. */
  private record Gone(Dataset before) implements Dataset {
    @Override
    public String name() {
      return before.name();
    }

    @Override
    public int size() {
      return before.size();
    }

    @Override
    public List<String> classes() {
      return before.classes();
    }

    @Override
    public int label(int index) {
      return before.label(index);
    }

    @Override
    public Image image(int index) {
      throw new FoveaException("gone.png: is not there");
    }

    @Override
    public Shape shape() {
      return before.shape();
    }

    @Override
    public String fingerprint() {
      return before.fingerprint();
    }
  }

  @Test
  void theFirstConvolutionsFiltersAreImages() {
    for (int channels : new int[] {1, 3}) {
      assertThat(images(parse(Report.html(contents(names(2), channels))), "filter")).hasSize(4).allSatisfy(f -> {
        assertThat(image(f).width()).isEqualTo(3);
        assertThat(image(f).height()).isEqualTo(3);
      });
    }
  }

  @Test
  void aPositiveWeightIsRedANegativeBlueAndZeroPale() {
    Contents c = contents(names(2), 1);
    float[] values = c.model().parameters().values();
    int offset = c.model().parameters().entry("conv1.weight").offset();
    System.arraycopy(new float[] {0.5f, -0.5f, 0}, 0, values, offset, 3);
    for (int i = 3; i < 9; i++) {
      values[offset + i] = 0;
    }
    c.model().parameters().changed();
    Image image = image(images(parse(Report.html(c)), "filter 0").getFirst());
    assertThat(image.at(0, 0, 0)).isGreaterThan(image.at(0, 0, 2) + 100);
    assertThat(image.at(1, 0, 2)).isGreaterThan(image.at(1, 0, 0) + 100);
    assertThat(image.at(2, 0, 0)).isCloseTo(image.at(2, 0, 2), within(4)).isGreaterThan(230);
  }

  @Test
  void colourWeightsBecomeColours() {
    Contents c = contents(names(2), 3);
    float[] values = c.model().parameters().values();
    int offset = c.model().parameters().entry("conv1.weight").offset();
    for (int i = 0; i < 27; i++) {
      values[offset + i] = 0;
    }
    values[offset + 9 + 4] = 1; // green, in the middle
    c.model().parameters().changed();
    Image image = image(images(parse(Report.html(c)), "filter 0").getFirst());
    assertThat(image.at(1, 1, 1)).isEqualTo(255);
    assertThat(image.at(1, 1, 0)).isEqualTo(128);
    assertThat(image.at(0, 0, 1)).isEqualTo(128);
  }

  @Test
  void aFullyConnectedFirstLayerIsShownInTheShapeOfItsInput() {
    Layer layer = Sequential.of(new Flatten(), Linear.of(2).named("fc"));
    Contents c = with(contents(names(2), 1), model(layer, Shape.of(1, 6, 5), names(2)));
    assertThat(images(parse(Report.html(c)), "unit")).hasSize(2).allSatisfy(u -> assertThat(image(u)).hasToString("5x6x3"));
  }

  @Test
  void hostileNamesAreTextEverywhere() {
    List<String> classes = List.of(HOSTILE + 1, HOSTILE + 2, HOSTILE + 3);
    Contents plain = contents(classes, 1);
    Map<String, String> settings = new LinkedHashMap<>(Map.of(HOSTILE, HOSTILE, "seed", HOSTILE));
    Preprocessing preprocessing = plain.model().card().preprocessing();
    Model model = plain.model().withCard(new Card(HOSTILE, classes, preprocessing, Map.of("d" + HOSTILE, HOSTILE)));
    Dataset data = MemoryDataset.of(HOSTILE, classes, Shape.of(1, 6, 5), new byte[240], new int[8], Fit.STRETCH);
    Contents c = new Contents(HOSTILE, settings, plain.curve(), plain.validation(), Optional.empty(), model, data, HOSTILE);
    Document page = parse(Report.html(c));
    assertThat(all(page, "script")).isEmpty();
    assertThat(all(page, "img")).allMatch(i -> !i.hasAttribute("onerror"));
    String shown = "</script><img src=x onerror=\"alert('1')\"/>&amp;\uFFFD\uFFFD\uFFFD\uFFFD\u202E\uD83D\uDE00";
    assertThat(all(page, "title").getFirst().getTextContent()).isEqualTo(shown);
    assertThat(all(page, "code")).extracting(Element::getTextContent).contains(shown);
    assertThat(all(page, "bdi")).extracting(Element::getTextContent).contains(shown, shown + 1, shown + 2, shown + 3);
  }

  @Test
  void longNamesAreTruncated() {
    String endless = "x".repeat(100_000);
    Contents c = contents(List.of("a", endless), 1);
    assertThat(Report.html(c)).hasSizeLessThan(100_000).contains("xxx…");
  }

  @Test
  void nothingIsLoadedFromOutside() {
    Document page = parse(Report.html(contents(names(3), 3)));
    for (String tag : LOADERS) {
      assertThat(all(page, tag)).as(tag).isEmpty();
    }
    assertThat(all(page, "img")).isNotEmpty().allMatch(i -> i.getAttribute("src").startsWith("data:image/png;base64,"));
    assertThat(all(page, "style").getFirst().getTextContent()).doesNotContain("url(", "@import", "@font-face");
    assertThat(all(page, "*")).allMatch(e -> !e.hasAttribute("href") && !e.hasAttribute("onclick") && !e.hasAttribute("srcset"));
    assertThat(all(page, "meta")).extracting(m -> m.getAttribute("content")).anyMatch(c -> c.contains("default-src 'none'"));
  }

  @Test
  void hasDarkAndPrintStyles() {
    String style = all(parse(Report.html(contents(names(2), 1))), "style").getFirst().getTextContent();
    assertThat(style).contains("prefers-color-scheme: dark", "@media print", "image-rendering: pixelated");
  }

  @Test
  void runWithoutEpochHasAMessage() {
    Contents c = contents(names(2), 1);
    String html = Report.html(with(c, List.of(), c.validation()));
    assertThat(parse(html).getDocumentElement().getTextContent()).contains("No epoch was recorded");
  }

  @Test
  void oneEpochIsAPoint() {
    Contents c = contents(names(2), 1);
    Document page = parse(Report.html(with(c, curve(1), c.validation())));
    assertThat(all(page, "figure", "chart")).hasSize(3).allMatch(f -> f.getElementsByTagName("circle").getLength() > 0);
    assertThat(page.getDocumentElement().getTextContent()).contains("best, epoch 1").doesNotContain("NaN");
  }

  @Test
  void theBestEpochIsTheFirstOfTheHighestAccuracy() {
    List<EpochMetrics> curve = List.of(
        new EpochMetrics(1, 1, 1, 0.5, 0.1), new EpochMetrics(2, 1, 1, Double.NaN, 0.1),
        new EpochMetrics(3, 1, 1, 0.7, 0.1), new EpochMetrics(4, 1, 1, 0.7, 0.1));
    Contents c = contents(names(2), 1);
    assertThat(Report.html(with(c, curve, c.validation()))).contains("best, epoch 3");
  }

  @Test
  void reportWithoutMistakes() {
    Contents c = contents(names(2), 1);
    Document page = parse(Report.html(with(c, c.curve(), evaluation(names(2), 0, List.of()))));
    assertThat(page.getDocumentElement().getTextContent())
        .contains("Every image is classified correctly", "There are none", "100.00\u00A0%");
  }

  @Test
  void emptyEvaluationAndNanStillGiveAPage() {
    Contents c = contents(names(2), 1);
    Evaluation empty = new Evaluation(names(2), new long[2][2], Double.NaN, List.of());
    List<EpochMetrics> lost = List.of(new EpochMetrics(1, Double.NaN, Double.POSITIVE_INFINITY, Double.NaN, Double.NaN));
    assertThat(parse(Report.html(with(c, lost, empty))).getDocumentElement().getTextContent()).contains("Nothing was recorded");
  }

  @Test
  void manyClassesAreATableOfCountsAndVeryManyAnImage() {
    Document twenty = parse(Report.html(contents(names(20), 1)));
    assertThat(all(twenty, "table", "dense")).hasSize(1);

    Contents c = contents(names(200), 1);
    String html = Report.html(c);
    Document page = parse(html);
    assertThat(all(page, "table", "matrix")).isEmpty();
    assertThat(image(images(page, "confusion matrix").getFirst())).hasToString("200x200x3");
    assertThat(page.getDocumentElement().getTextContent())
        .contains("The 20 of 200 classes with the lowest F1", "The other 180", "class 199");
    assertThat(html.length()).isLessThan(400_000);
  }

  @Test
  void aMatrixOfThousandsOfClassesIsAnImageOfBoundedSize() {
    Evaluation huge = evaluation(names(2500), 3, List.of());
    assertThat(ReportImages.matrix(huge)).hasToString("1000x1000x3");
  }

  @Test
  void theSameRunWritesTheSameFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("report.html");
    Report.write(file, contents(names(3), 1));
    String first = Files.readString(file);
    Report.write(file, contents(names(3), 1));
    assertThat(Files.readString(file)).isEqualTo(first).startsWith("<!DOCTYPE html>");
  }

  @Test
  void missingFolderIsReported(@TempDir Path folder) {
    assertThatThrownBy(() -> Report.write(folder.resolve("none/report.html"), contents(names(3), 1)))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("report.html");
  }

  @Test
  void probabilitiesAreShownIfTheScoresAreKept() {
    Contents plain = contents(names(10), 1);
    assertThat(Report.html(plain)).doesNotContain("Reliability");
    int[] labels = IntStream.range(0, 4000).map(i -> i % 9).toArray(); // no image is of the last class
    float[] logits = new float[40_000];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Rng.of(1).gaussian(i) + (i % 10 == labels[i / 10] ? 2 : 0);
    }
    Document page = parse(Report.html(plain.scores(Scores.of(names(10), labels, logits))));
    String text = page.getDocumentElement().getTextContent();
    assertThat(text).contains("Reliability", "expected calibration error", "the 8 classes of 10 with the smallest areas");
    assertThat(all(page, "li").stream().map(Element::getTextContent).filter(name -> name.matches("class \\d: 0\\.\\d+")))
        .hasSize(16);
    assertThat(Report.html(plain.scores(Scores.of(names(10), labels, logits)))).as("curves are thinned").hasSizeLessThan(300_000);
  }
}

package dev.fovea.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The documentation is kept correct: its Java is in sources that compile, and its links lead to existing files. */
class DocsTest {
  private static final Path ROOT = Cli.root();
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern XML = Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("]\\((?!https?:|#)([^)#]+)[^)]*\\)");

  private static final Pattern TYPE = Pattern.compile("\\b(?:class|record|interface|enum) ([A-Z]\\w*)");

  /** In code marks: capital letters and small ones. */
  private static final Pattern TYPE_NAME = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)`");

  private static final List<String> JDK_AND_OTHERS =
      List.of("ServiceLoader", "ModuleFinder", "OutOfMemoryError", "NullPointerException", "IllegalArgumentException",
          "ConvBatchNormRelu", "ByteString"); // an operator and a type that decisions reject

  /** Names in other libraries, which only guides for their users have. */
  private static final List<String> OF_OTHER_LIBRARIES = List.of(
      "Criteria", "ZooModel", "Translator", "TrainingConfig", "DataLoader", "MultiLayerNetwork", "ComputationGraph",
      "ModelSerializer",
      "ConvolutionLayer", "SubsamplingLayer", "DenseLayer", "OutputLayer", "MultiLayerConfiguration",
      "ComputationGraphConfiguration", "RecordReaderDataSetIterator", "ImageRecordReader", "ImagePreProcessingScaler",
      "VGG16ImagePreProcessor", "StatsListener", "EvaluativeListener", "QuantizeLinear", "QLinearConv", "ConvInteger",
      "NDList", "NDManager", "UIServer");

  private static List<Path> pages() throws IOException {
    return ProjectFiles.endingWith(".md");
  }

  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path file : ProjectFiles.endingWith(".java")) {
      all.append(flat(Files.readString(file))).append(' ');
    }
    return all.toString();
  }

  /** White space does not count, so a page may break lines anywhere. */
  private static String flat(String code) {
    return code.lines().map(String::strip).filter(l -> !l.isEmpty()).collect(Collectors.joining(" ")).replaceAll("\\s+", " ");
  }

  @TestFactory
  Stream<DynamicTest> javaInPagesIsSourceThatCompiles() throws IOException {
    String sources = sources();
    return pages().stream()
        .map(
            page -> DynamicTest.dynamicTest(
                ROOT.relativize(page).toString(),
                () -> {
                  Matcher code = CODE.matcher(Files.readString(page));
                  while (code.find()) {
                    assertThat(sources.contains(flat(code.group(1)))).as("in no source:%n%s", code.group(1)).isTrue();
                  }
                }));
  }

  /** XML for a user's pom is in the pom of the project consumer, which uses the artifacts. */
  @Test
  void xmlInPagesIsThatOfTheConsumer() throws IOException {
    String pom = flat(Files.readString(ROOT.resolve("consumer/pom.xml")));
    List<String> snippets = new ArrayList<>();
    for (Path page : pages()) {
      XML.matcher(Files.readString(page)).results().forEach(xml -> snippets.add(flat(xml.group(1))));
    }
    assertThat(snippets).isNotEmpty().allSatisfy(xml -> assertThat(pom).contains(xml));
  }

  @TestFactory
  Stream<DynamicTest> linksLeadToExistingFiles() throws IOException {
    return pages().stream()
        .map(
            page -> DynamicTest.dynamicTest(
                ROOT.relativize(page).toString(),
                () -> {
                  Matcher link = LINK.matcher(Files.readString(page));
                  while (link.find()) {
                    assertThat(page.resolveSibling(link.group(1))).as("linked from %s", page.getFileName()).exists();
                  }
                }));
  }

  /** Names in the changelog may be former ones. Generated classes end in Loops. */
  @Test
  void typesInPagesExist() throws IOException {
    Set<String> known = new TreeSet<>(JDK_AND_OTHERS);
    TYPE.matcher(sources()).results().forEach(type -> known.add(type.group(1)));
    List<String> unknown = new ArrayList<>();
    for (Path page : pages()) {
      List<String> others = page.getParent().endsWith("guide") ? OF_OTHER_LIBRARIES : List.of();
      if (!page.endsWith("CHANGELOG.md")) {
        TYPE_NAME.matcher(Files.readString(page))
            .results()
            .map(name -> name.group(1))
            .filter(name -> !known.contains(name) && !others.contains(name) && !name.endsWith("Loops"))
            .forEach(name -> unknown.add(page.getFileName() + ": " + name));
      }
    }
    assertThat(unknown).as("types that pages name and no source declares").isEmpty();
  }
}

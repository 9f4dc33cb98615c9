package dev.fovea.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cli.Cli;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Layer;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/layers.md: it lists all layers, with factories that exist and the papers that the sources name. */
class LayersPageTest {
  private static final Path ROOT = Cli.root();
  private static final Path SOURCES = ROOT.resolve("fovea-core/src/main/java/dev/fovea/layer");

  /** {@code new Name(a, b)}, {@code Name.factory(a, b)}, {@code Name.CONSTANT}. */
  private static final Pattern FACTORY = Pattern.compile("`(new )?(\\w+)(?:\\.(\\w+))?(?:\\(([^)]*)\\))?`");

  /** @param layer that of the row before if its own cell is empty */
  private record Row(String layer, String made, String paper) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/layers.md"))) {
      String[] cells = line.split("\\|", -1);
      if (cells.length == 6 && !cells[1].isBlank() && cells[1].strip().equals("layer") || line.startsWith("|-")) {
        continue;
      }
      if (cells.length == 6) {
        String layer = cells[1].isBlank() ? rows.getLast().layer : cells[1].strip();
        rows.add(new Row(layer, cells[2].strip(), cells[4].strip()));
      }
    }
    return rows;
  }

  private static Class<?> layer(String name) throws ClassNotFoundException {
    return Class.forName("dev.fovea.layer." + name);
  }

  @Test
  void noLayerIsMissing() throws IOException, ClassNotFoundException {
    List<String> layers = new ArrayList<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (String name : files.map(f -> String.valueOf(f.getFileName()).replace(".java", "")).sorted().toList()) {
        if (!name.equals("package-info") && !name.equals("Layer") && Layer.class.isAssignableFrom(layer(name))) {
          layers.add(name);
        }
      }
    }
    assertThat(rows().stream().map(Row::layer).distinct().sorted()).isEqualTo(layers);
    assertThat(rows().stream().map(Row::made).filter(made -> made.startsWith("`Activation.")))
        .containsExactlyElementsOf(Arrays.stream(Activation.values()).map(a -> "`Activation." + a.name() + "`").toList());
  }

  @Test
  void factoriesOnThePageExist() throws IOException, ClassNotFoundException {
    for (Row row : rows()) {
      if (row.layer.equals("Activation")) {
        continue; // constants, which the test above compares
      }
      List<MatchResult> factories = FACTORY.matcher(row.made).results().toList();
      assertThat(factories).as(row.toString()).isNotEmpty();
      for (MatchResult factory : factories) {
        Class<?> owner = row.layer.equals("Named") ? Layer.class : layer(factory.group(2));
        long given = factory.group(4).isBlank() ? 0 : factory.group(4).split(",", -1).length;
        Stream<? extends Executable> candidates = factory.group(1) != null
            ? Arrays.stream(owner.getConstructors())
            : Arrays.stream(owner.getMethods()).filter(method -> method.getName().equals(factory.group(3)));
        assertThat(candidates.filter(c -> makes(c, row)).anyMatch(c -> c.getParameterCount() == given)).as(factory.group())
            .isTrue();
      }
    }
  }

  private static boolean makes(Executable factory, Row row) {
    Class<?> made = factory instanceof Method method ? method.getReturnType() : ((Constructor<?>) factory).getDeclaringClass();
    return made.getSimpleName().equals(row.layer) || row.layer.equals("Named");
  }

  @Test
  void papersAreThoseInTheSources() throws IOException {
    for (Row row : rows()) {
      String source = Files.readString(SOURCES.resolve(row.layer + ".java")).replaceAll("\\s+(\\*\\s+)?", " ");
      for (String paper : row.paper.split("; ", -1)) {
        Pattern.compile("\\d{4}\\.\\d{5}|\\b(19|20)\\d\\d\\b").matcher(paper).results()
            .forEach(number -> assertThat(source).as(row.toString()).contains(number.group()));
        assertThat(source).as(row.toString()).contains(paper.split(" ", 2)[0]);
      }
    }
  }
}

package dev.fovea.cpu.vector.microkernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GeneratedLoopsTest {
  private static final Pattern COMPILED_EARLY = Pattern.compile("-XX:CompileCommand=CompileThresholdScaling,(.*)::\\*,.*");

  /** HotSpot's class patterns: a name with an optional star before or after it. */
  private static boolean matches(String pattern, String name) {
    return name.matches("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E");
  }

  @Test
  void eachIsCompiledEarly() throws Exception {
    Path options = Path.of("..", "jvm.options");
    List<String> patterns =
        Files.readAllLines(options).stream().map(COMPILED_EARLY::matcher).filter(m -> m.matches()).map(m -> m.group(1)).toList();
    Path classes = Path.of(DepthwiseTileLoops.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path sources = classes.resolveSibling("generated-sources").resolve("loops");
    try (Stream<Path> files = Files.walk(sources)) {
      assertThat(files.filter(Files::isRegularFile))
          .hasSizeGreaterThanOrEqualTo(4)
          .map(file -> sources.relativize(file).toString().replace(".java", "").replace(file.getFileSystem().getSeparator(), "."))
          .allSatisfy(name -> assertThat(patterns).anyMatch(pattern -> matches(pattern, name)));
    }
  }
}

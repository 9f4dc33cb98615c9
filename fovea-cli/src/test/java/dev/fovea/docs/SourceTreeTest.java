package dev.fovea.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a newcomer relies on: small packages, and the field's words in code, messages and pages. */
class SourceTreeTest {
  private static final int MAX_FILES = 25;

  /** Words that this project once made up, with the field's. */
  private static final Map<Pattern, String> FORMER_WORDS =
      Map.ofEntries(
          Map.entry(Pattern.compile("\\b[Pp]ictures?\\b"), "image"),
          Map.entry(Pattern.compile("(?<!standard )\\bdeviations?\\b"), "std"),
          Map.entry(Pattern.compile("\\b(Rider|Carrier|Tail)s?\\b"), "pointwise kernel, epilogue kernel, epilogue"),
          Map.entry(Pattern.compile("\\brides? on\\b"), "is fused with"),
          Map.entry(Pattern.compile("\\bso many\\b"), "the number of"),
          Map.entry(Pattern.compile("\\bplaces? (that read )?alike\\b"), "positions of one class"),
          Map.entry(Pattern.compile("\\bside by side\\b"), "contiguous, next to each other"),
          Map.entry(Pattern.compile("\\b(FilterTurn|FilterReturn)\\b"), "weight packing, unpacking"),
          Map.entry(Pattern.compile("\\btold_|\\bis told\\b|\\bare told\\b"), "reported, planned"),
          Map.entry(Pattern.compile("\\b[Rr]ightly\\b"), "correctly"),
          Map.entry(Pattern.compile("\\bmade small\\b"), "the loss"),
          Map.entry(Pattern.compile("\\banew\\b"), "again"),
          Map.entry(Pattern.compile("\\b[Ww]hoever\\b"), "the user, the caller, the process"),
          Map.entry(Pattern.compile("\\btells? (\\w+ )?(\\w+ )?apart\\b"), "distinguishes"),
          Map.entry(Pattern.compile("--explain\\b"), "--plan"),
          Map.entry(Pattern.compile("\\bas it lies\\b|\\bas they lie\\b"), "in its own layout"));

  /** They hold former names for good: of keys in older files, and of random keys. */
  private static final List<String> EXEMPT =
      List.of("SourceTreeTest.java", "CHANGELOG.md", "Checkpoint.java", "CheckpointTest.java", "CardJson.java",
          "ModelFileTest.java", "Digits.java", "BenchModel.java");

  @Test
  void largePackagesStateWhyTheyAreNotSplit() throws IOException {
    Map<Path, Long> packages =
        ProjectFiles.endingWith(".java").stream()
            .filter(file -> file.toString().contains("/src/main/"))
            .collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
    assertThat(packages).hasSizeGreaterThan(30);
    for (Map.Entry<Path, Long> entry : packages.entrySet()) {
      if (entry.getValue() > MAX_FILES) {
        String text = Files.readString(entry.getKey().resolve("package-info.java")).replaceAll("[\\s*]+", " ");
        assertThat(text).as("reason for %d files", entry.getValue()).containsPattern("one list|flat list|more than 25 files");
      }
    }
  }

  @Test
  void wordsAreThoseOfTheField() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : ProjectFiles.endingWith(".java", ".md", ".css", ".xml", ".py", ".options", ".cmd")) {
      if (EXEMPT.contains(String.valueOf(file.getFileName()))) {
        continue;
      }
      List<String> lines = Files.readAllLines(file);
      FORMER_WORDS.forEach((word, instead) -> {
        for (int i = 0; i < lines.size(); i++) {
          if (word.matcher(lines.get(i)).find()) {
            found.add(file + ":" + (i + 1) + ": write " + instead + ": " + lines.get(i).strip());
          }
        }
      });
    }
    assertThat(found).isEmpty();
  }
}

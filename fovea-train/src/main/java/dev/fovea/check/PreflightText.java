package dev.fovea.check;

import dev.fovea.data.SkippedFile;
import dev.fovea.model.ProcessMemory;
import dev.fovea.model.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A check as text. */
public final class PreflightText {
  private static final int MAX_CLASSES = 20;
  private static final int MAX_FILES = 200;
  private static final int MAX_GROUPS = 10;
  private static final int MAX_MEMBERS = 4;

  private final Preflight check;
  private final StringBuilder out = new StringBuilder();

  private PreflightText(Preflight check) {
    this.check = check;
  }

  /** Several lines; file names in them are not escaped. */
  public static String of(Preflight check) {
    PreflightText text = new PreflightText(check);
    text.print("%s%n%n", check.title());
    text.labels();
    text.images();
    text.network();
    text.groups("equal images", check.duplicates().exact());
    text.groups("similar images (dHash, at most " + NearHashes.MAX_DISTANCE + " of 64 bits differ)", check.duplicates().near());
    text.files();
    text.findings();
    return text.out.toString();
  }

  private void print(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values));
  }

  private void labels() {
    List<Preflight.Part> parts = check.parts();
    int width = Math.max(10, check.classes().stream().limit(MAX_CLASSES).mapToInt(String::length).max().orElse(0));
    print("%-" + width + "s", check.pixels() ? "pixels" : "images");
    parts.forEach(part -> print(" %12s", part.name()));
    print("%n%-" + width + "s", check.pixels() ? "(images)" : "all");
    parts.forEach(part -> print(" %,12d", part.images()));
    print("%n");
    int shown = check.classes().size() <= MAX_CLASSES ? check.classes().size() : MAX_CLASSES - 1;
    for (int c = 0; c < shown; c++) {
      int at = c;
      print("%-" + width + "s", check.classes().get(c));
      parts.forEach(part -> print(" %,12d", part.labels().get(at)));
      print("%n");
    }
    if (shown < check.classes().size()) {
      print("and %d more classes, of %s%n", check.classes().size() - shown, parts.stream()
          .map(part -> part.labels().stream().mapToLong(Long::longValue).min().orElse(0) + " to "
              + part.labels().stream().mapToLong(Long::longValue).max().orElse(0) + " in " + part.name())
          .collect(Collectors.joining(", ")));
    }
    if (check.task() instanceof Task.Numbers(List<Task.Quantity> numbers)) {
      numbers.forEach(n -> print("%-" + width + "s mean %.6g, std %.6g in train%n", n.name(), n.mean(), n.std()));
    }
  }

  private void images() {
    print("%n");
    for (Preflight.Part part : check.parts()) {
      part.sizes().ifPresent(s -> print("%-12s %dx%d to %dx%d, median %dx%d%s%n", part.name(), s.minWidth(), s.minHeight(),
          s.maxWidth(), s.maxHeight(), s.medianWidth(), s.medianHeight(), part.channels().map(c -> String.format(Locale.ROOT,
              "; mean %s, std %s of %,d images", DataCheck.numbers(c.means()), DataCheck.numbers(c.stds()), c.images()))
              .orElse("")));
    }
  }

  private void network() {
    check.network().ifPresent(n -> {
      print("%n%s: input %s, mean %s, std %s; %,d parameters%n", n.name(), n.input().shape(), DataCheck.numbers(n.input().mean()),
          DataCheck.numbers(n.input().std()), n.parameters());
      print("memory: about %s to train by SGD with momentum, and %s of images%n", ProcessMemory.mebibytes(n.peakBytes()),
          ProcessMemory.mebibytes(n.imageBytes()));
      n.epochSeconds().ifPresentOrElse(
          seconds -> print("time: %s for the %,d steps of an epoch, %s for the %,d of the run, without evaluation%n",
              duration(seconds), n.steps(), duration(seconds / n.steps() * n.totalSteps()), n.totalSteps()),
          () -> print("time: not measured%n"));
    });
  }

  static String duration(double seconds) {
    return seconds < 60 ? String.format(Locale.ROOT, "%.1f s", seconds)
        : seconds < 3600 ? String.format(Locale.ROOT, "%.1f min", seconds / 60)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  private void groups(String what, List<Duplicates.Group> groups) {
    if (groups.isEmpty()) {
      return;
    }
    print("%n%s: %s%n", what, DataCheck.groups(groups.size()));
    for (Duplicates.Group group : groups.subList(0, Math.min(MAX_GROUPS, groups.size()))) {
      List<Duplicates.Member> some = group.images().subList(0, Math.min(MAX_MEMBERS, group.images().size()));
      print("  %s%s%s%n", some.stream().map(m -> m.part() + " " + m.source()).collect(Collectors.joining("  =  ")),
          group.images().size() > MAX_MEMBERS ? "  and " + (group.images().size() - MAX_MEMBERS) + " more" : "",
          group.labels() > 1 ? "  (different labels)" : "");
    }
    if (groups.size() > MAX_GROUPS) {
      print("  and %s more%n", DataCheck.groups(groups.size() - MAX_GROUPS));
    }
  }

  private void files() {
    files("unreadable images", check.parts().stream().flatMap(part -> part.unreadable().stream()).toList());
    files("skipped files", check.skipped());
  }

  private void files(String what, List<SkippedFile> files) {
    if (files.isEmpty()) {
      return;
    }
    print("%n%s: %,d%n", what, files.size());
    byKind(files).forEach((kind, some) -> {
      print("  %s%n", kind);
      some.forEach(file -> print("    %s%n", file));
    });
    if (files.size() > MAX_FILES) {
      print("  and %,d more%n", files.size() - MAX_FILES);
    }
  }

  /** The first files by their kind. */
  static Map<String, List<SkippedFile>> byKind(List<SkippedFile> files) {
    Map<String, List<SkippedFile>> kinds = new LinkedHashMap<>();
    IntStream.range(0, Math.min(MAX_FILES, files.size()))
        .forEach(i -> kinds.computeIfAbsent(files.get(i).kind(), _ -> new ArrayList<>()).add(files.get(i)));
    return kinds;
  }

  private void findings() {
    print("%n");
    check.findings().forEach(f -> print("%-8s %s%n", f.level().name().toLowerCase(Locale.ROOT), f.text()));
    if (check.findings().isEmpty()) {
      print("nothing found%n");
    }
  }
}

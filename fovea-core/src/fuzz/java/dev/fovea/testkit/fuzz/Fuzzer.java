package dev.fovea.testkit.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs Jazzer for one reader in a process of its own. In {@code WORK/READER} are the seeds, the corpus that grows from run to run, the
 * findings of the last run, which become part of the corpus in the next, and the log.
 */
final class Fuzzer {
  private static final int MAX_FINDINGS = 50;

  /** What the fuzzer found earlier, a folder for each reader, in the module. */
  private static final Path KEPT = Path.of("src/fuzz/resources");

  /** The check that a path of a file is not opened. */
  private static final String PATHS = "com.code_intelligence.jazzer.sanitizers.FilePathTraversal";

  private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z_0-9.]{2,31}");
  private static final int MAX_WORDS = 2000;

  private static final Pattern COVERAGE = Pattern.compile("#\\d+\\s+(?:INITED|DONE)\\s+cov: (\\d+)");
  private static final Pattern EXECUTIONS = Pattern.compile("stat::number_of_executed_units: (\\d+)");
  private static final Pattern FINDING = Pattern.compile("== Java Exception: (.*)|ERROR: libFuzzer: (.*)");
  private static final Pattern FILE = Pattern.compile("Test unit written to (.*)");

  private final FuzzedReader reader;
  private final Path seeds;
  private final Path corpus;
  private final Path findings;
  private final Path words;
  private final Path log;

  Fuzzer(FuzzedReader reader, Path work) {
    this.reader = reader;
    Path folder = work.resolve(reader.title());
    seeds = folder.resolve("seeds");
    corpus = folder.resolve("corpus");
    findings = folder.resolve("findings");
    words = folder.resolve("words");
    log = folder.resolve("log");
  }

  /** What came of it; coverage is in edges of the code. */
  record Result(FuzzedReader reader, long executions, int coverage, int newCoverage, List<String> findings, Path log) {
    @Override
    public String toString() {
      String line =
          String.format(Locale.ROOT, "%-12s %,12d executions, %,6d edges covered, %,5d of them new, %d findings", reader.title(),
              executions, coverage, newCoverage, findings.size());
      return findings.isEmpty() ? line : line + "\n  " + String.join("\n  ", findings);
    }
  }

  Result run(int seconds) throws IOException, InterruptedException {
    prepare();
    Process process = new ProcessBuilder(command(seconds)).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    return result(Files.readString(log, StandardCharsets.ISO_8859_1));
  }

  private void prepare() throws IOException {
    for (Path folder : List.of(seeds, corpus, findings)) {
      Files.createDirectories(folder);
    }
    for (Path old : list(findings)) {
      Files.move(old, corpus.resolve(old.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    for (Path old : list(seeds)) {
      Files.delete(old);
    }
    List<byte[]> files = reader.seeds();
    for (int i = 0; i < files.size(); i++) {
      Files.write(seeds.resolve(String.valueOf(i)), files.get(i));
    }
    Set<String> names = words(files);
    Files.write(words, names.stream().map(name -> '"' + name + '"').toList());
  }

  /** A word list for the fuzzer: names in the seeds. */
  private static Set<String> words(Collection<byte[]> seeds) {
    Set<String> words = new TreeSet<>();
    for (byte[] seed : seeds) {
      Matcher matcher = WORD.matcher(new String(seed, StandardCharsets.ISO_8859_1));
      while (words.size() < MAX_WORDS && matcher.find()) {
        words.add(matcher.group());
      }
    }
    return words;
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private List<String> command(int seconds) throws IOException {
    Class<?> type = ((Enum<?>) reader).getDeclaringClass();
    List<String> instrumented = new ArrayList<>(List.of("dev.fovea.**"));
    instrumented.addAll(reader.libraries());
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin/java").toString(), "-Xmx768m", "-XX:+UseSerialGC",
        "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-XX:+EnableDynamicAgentLoading",
        "-Djava.awt.headless=true", "-Dfovea.root=" + System.getProperty("fovea.root"), "-cp",
        System.getProperty("java.class.path"),
        "com.code_intelligence.jazzer.Jazzer", "--target_class=" + Target.class.getName(),
        "--target_args=" + type.getName() + " " + reader.name(),
        "--instrumentation_includes=" + String.join(File.pathSeparator, instrumented),
        "--instrumentation_excludes=" + Target.class.getPackageName() + ".**" + File.pathSeparator + type.getPackageName()
            + ".**",
        "--custom_hook_includes=dev.fovea.**", "--keep_going=" + MAX_FINDINGS, "--reproducer_path=" + findings,
        "-artifact_prefix=" + findings + "/", "-max_total_time=" + seconds, "-timeout=60", "-rss_limit_mb=0",
        "-print_final_stats=1",
        corpus.toString(), seeds.toString()));
    if (Files.size(words) > 0) {
      command.add("-dict=" + words);
    }
    if (reader.namesPaths()) {
      command.add("--disabled_hooks=" + PATHS);
    }
    Path kept = KEPT.resolve(reader.title()).toAbsolutePath();
    if (Files.isDirectory(kept)) {
      command.add(kept.toString());
    }
    return command;
  }

  private Result result(String text) throws IOException {
    List<Integer> coverage = COVERAGE.matcher(text).results().map(match -> Integer.valueOf(match.group(1))).toList();
    long executions = EXECUTIONS.matcher(text).results().mapToLong(match -> Long.parseLong(match.group(1))).sum();
    int last = coverage.isEmpty() ? 0 : coverage.getLast();
    return new Result(reader, executions, last, coverage.isEmpty() ? 0 : last - coverage.getFirst(), findings(text), log);
  }

  /** The file of each finding with its first line, in the order of the log. Costs are measured again without what the fuzzer adds. */
  private List<String> findings(String text) throws IOException {
    for (Path source : list(findings)) {
      if (source.toString().endsWith(".java")) {
        Files.delete(source); // the input itself is enough
      }
    }
    List<String> found = new ArrayList<>();
    Matcher what = FINDING.matcher(text);
    Matcher file = FILE.matcher(text);
    while (what.find()) {
      String first = what.group(1) == null ? what.group(2) : what.group(1);
      String input = file.find(what.end()) ? file.group(1) : "no file";
      if (!first.contains(Rules.COSTS) || Target.isFinding(reader, Files.readAllBytes(Path.of(input)))) {
        found.add(input + ": " + first);
      }
    }
    return found;
  }
}

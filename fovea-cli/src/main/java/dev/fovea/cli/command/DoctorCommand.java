package dev.fovea.cli.command;

import dev.fovea.cli.console.Machine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.data.download.Cache;
import dev.fovea.graph.Backend;
import dev.fovea.graph.Backends;
import dev.fovea.image.ImageDecoders;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Checks Java, the engine and the machine. */
@CommandLine.Command(
    name = "doctor",
    header = "Report what Fovea runs on: Java, engine, cores, memory, cache, image formats.",
    description = "The exit code is 1 if something is wrong.",
    footer = {"", "Example:", "  fovea doctor"})
final class DoctorCommand implements Command {
  private static final Runtime.Version MIN_JAVA = Runtime.Version.parse("25.0.3");
  private static final long MIN_HEAP_MIB = 512;

  private final Streams streams;

  @Mixin
  private final HelpOption help = new HelpOption();

  DoctorCommand(Streams streams) {
    this.streams = streams;
  }

  /**
   * One line of the report.
   *
   * @param ok false: something has to be fixed, and {@code text} says how
   */
  record Finding(String what, boolean ok, String text) {}

  @Override
  public int run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java(Runtime.version(), System.getProperty("java.vendor", "unknown vendor")));
    findings.addAll(engines());
    int cores = Runtime.getRuntime().availableProcessors();
    findings.add(new Finding("cores", true, cores + ", of which a command uses " + Machine.threads() + " by default"));
    findings.add(memory(Runtime.getRuntime().maxMemory() >> 20, Machine.memory()));
    findings.add(cache(Cache.folder()));
    findings.add(new Finding("images", true, String.join(", ", ImageDecoders.formats())));
    for (Finding f : findings) {
      streams.out().printf(Locale.ROOT, "%-4s  %-8s  %s%n", f.ok ? "ok" : "BAD", f.what, Streams.escaped(f.text));
    }
    return findings.stream().allMatch(Finding::ok) ? 0 : 1;
  }

  static Finding java(Runtime.Version version, String vendor) {
    boolean ok = version.compareToIgnoreOptional(MIN_JAVA) >= 0;
    String fix = ok ? ""
        : ": expected " + MIN_JAVA + " or later, since G1 may move pinned arrays before it; install one or set FOVEA_JAVA_HOME";
    return new Finding("java", ok, version + ", " + vendor + fix);
  }

  private static List<Finding> engines() {
    List<Finding> findings = new ArrayList<>();
    List<Backend> all = Backends.all();
    try {
      Backend active = Backends.find();
      boolean best = active.equals(all.getFirst()) || active.name().equals(all.getFirst().name());
      String forced = System.getProperty(Backends.PROPERTY, "");
      findings.add(new Finding("engine", best || !forced.isEmpty(),
          active.describe() + (forced.isEmpty() ? ""
              : " (chosen by -D"
                  + Backends.PROPERTY + ")")));
      for (Backend other : all) {
        if (!other.name().equals(active.name())) {
          boolean ok = other.usable() || other.rank() < active.rank();
          findings.add(new Finding("", ok, "idle: " + other.describe()));
        }
      }
    } catch (FoveaException e) {
      findings.add(new Finding("engine", false, String.valueOf(e.getMessage())));
    }
    return findings;
  }

  static Finding memory(long heap, OptionalDouble machine) {
    boolean ok = heap >= MIN_HEAP_MIB;
    String all = machine.isPresent() ? String.format(Locale.ROOT, " of the machine's %.0f MiB", machine.getAsDouble()) : "";
    return new Finding("memory", ok, "heap of at most " + heap + " MiB" + all
        + (ok ? "" : ": too little; give the JVM more memory, as in FOVEA_JAVA_OPTS=-Xmx2g"));
  }

  static Finding cache(Path folder) {
    Path existing = folder.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    boolean ok = Files.isDirectory(existing) && Files.isWritable(existing);
    return new Finding("cache", ok,
        folder + (ok ? ""
            : ": cannot be written: make " + existing + " writable, or name another folder in "
                + Cache.VARIABLE));
  }
}

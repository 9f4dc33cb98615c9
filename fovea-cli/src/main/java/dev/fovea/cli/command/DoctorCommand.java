package dev.fovea.cli.command;

import dev.fovea.cli.console.Machine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.data.download.Cache;
import dev.fovea.graph.Backend;
import dev.fovea.graph.Backends;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Looks whether all is well with Java, the engine and the machine. */
@CommandLine.Command(
    name = "doctor",
    header = "Tell what Fovea runs on: Java, engine, cores, memory, cache.",
    description = "The exit code is 1 where something is amiss.",
    footer = {"", "Example:", "  fovea doctor"})
final class DoctorCommand implements Command {
  private static final Runtime.Version OLDEST = Runtime.Version.parse("25.0.3");
  private static final long LEAST_HEAP = 512;

  private final Streams streams;

  @Mixin
  private final HelpOption help = new HelpOption();

  DoctorCommand(Streams streams) {
    this.streams = streams;
  }

  /**
   * One line of the diagnosis.
   *
   * @param well false: something is to be mended, and {@code text} says how
   */
  record Finding(String what, boolean well, String text) {}

  @Override
  public int run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java(Runtime.version(), System.getProperty("java.vendor", "unknown vendor")));
    findings.addAll(engines());
    int cores = Runtime.getRuntime().availableProcessors();
    findings.add(new Finding("cores", true, cores + ", of which a command uses " + Machine.threads() + " unless told otherwise"));
    findings.add(memory(Runtime.getRuntime().maxMemory() >> 20, Machine.memory()));
    findings.add(cache(Cache.folder()));
    for (Finding f : findings) {
      streams.out().printf(Locale.ROOT, "%-4s  %-8s  %s%n", f.well ? "ok" : "BAD", f.what, Streams.shown(f.text));
    }
    return findings.stream().allMatch(Finding::well) ? 0 : 1;
  }

  static Finding java(Runtime.Version version, String vendor) {
    boolean well = version.compareToIgnoreOptional(OLDEST) >= 0;
    String mend = well ? ""
        : ": expected " + OLDEST + " or later, before which G1 may move pinned arrays; install one or set FOVEA_JAVA_HOME";
    return new Finding("java", well, version + ", " + vendor + mend);
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
              : " (asked for by -D"
                  + Backends.PROPERTY + ")")));
      for (Backend other : all) {
        if (!other.name().equals(active.name())) {
          boolean well = other.usable() || other.rank() < active.rank();
          findings.add(new Finding("", well, "idle: " + other.describe()));
        }
      }
    } catch (FoveaException e) {
      findings.add(new Finding("engine", false, String.valueOf(e.getMessage())));
    }
    return findings;
  }

  static Finding memory(long heap, OptionalDouble machine) {
    boolean well = heap >= LEAST_HEAP;
    String all = machine.isPresent() ? String.format(Locale.ROOT, " of the machine's %.0f MiB", machine.getAsDouble()) : "";
    return new Finding("memory", well, "heap of at most " + heap + " MiB" + all
        + (well ? "" : ": little; give the JVM more, as in FOVEA_JAVA_OPTS=-Xmx2g"));
  }

  static Finding cache(Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    boolean well = Files.isDirectory(there) && Files.isWritable(there);
    return new Finding("cache", well,
        folder + (well ? ""
            : ": cannot be written: make " + there + " writable, or name another folder in "
                + Cache.VARIABLE));
  }
}

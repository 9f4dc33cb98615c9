package dev.fovea.check;

import dev.fovea.data.Dataset;
import dev.fovea.data.SkippedFile;
import dev.fovea.data.Split;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.run.RunConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * All that can be known before a run. Each image is decoded once.
 *
 * @param title the network and the data
 * @param task what is known about images or pixels
 * @param pixels whether pixels have classes, and labels are counted in pixels
 * @param parts the parts of the data set
 * @param skipped the files in its folders that are no images
 * @param network empty if it does not suit the data
 * @param findings errors first
 */
public record Preflight(String title, Task task, boolean pixels, List<Part> parts, List<SkippedFile> skipped,
    Duplicates duplicates, Optional<NetworkCheck> network, List<Finding> findings) {
  public Preflight {
    parts = List.copyOf(parts);
    skipped = List.copyOf(skipped);
    findings = List.copyOf(findings);
  }

  /**
   * A part of the data set.
   *
   * @param name {@code train}, {@code validation} or {@code test}
   * @param labels the number of images, or pixels, of each class; empty if images have numbers
   * @param unreadable the files that cannot be read
   */
  public record Part(String name, int images, List<Long> labels, List<SkippedFile> unreadable, Optional<ImageSizes> sizes,
      Optional<ChannelStatistics> channels) {
    public Part {
      labels = List.copyOf(labels);
      unreadable = List.copyOf(unreadable);
    }
  }

  /** Receives how many images of a part were read. */
  @FunctionalInterface
  public interface Progress {
    IntConsumer of(Dataset part);
  }

  /**
   * Reads all images, and runs a few training steps of the model, which changes it.
   *
   * @param model the run's; empty if it does not suit the data
   * @param refusals why training would be refused
   */
  public static Preflight of(RunConfig config, Optional<Model> model, Split split, List<String> refusals, Progress progress) {
    Optional<Preprocessing> input = model.map(m -> m.card().preprocessing());
    List<ScannedPart> scanned = new ArrayList<>();
    parts(split).forEach((name, data) -> scanned.add(ScannedPart.of(name, data, input, progress.of(data))));
    Duplicates duplicates = Duplicates.of(scanned, split.train().fit() != Fit.INK);
    List<Part> parts = scanned.stream().map(s -> new Part(s.part(), s.size(), s.labels(), s.unreadable(),
        ImageSizes.of(s.widths(), s.heights(), input), s.channels())).toList();
    Optional<NetworkCheck> network = model.map(m -> NetworkCheck.of(config, m, split, parts.stream()
        .anyMatch(part -> !part.unreadable().isEmpty())));
    List<Finding> findings = new ArrayList<>(refusals.stream().map(Finding::error).toList());
    findings.addAll(DataCheck.of(split, parts, duplicates, input));
    findings.addAll(SettingsCheck.of(config, split));
    network.ifPresent(n -> findings.addAll(n.findings()));
    findings.sort((a, b) -> a.level().compareTo(b.level()));
    return new Preflight(config.title(), split.train().task(), split.train().segments(), parts, split.skipped(), duplicates,
        network, findings);
  }

  /** The names of the classes; empty if images have numbers. */
  public List<String> classes() {
    return task instanceof Task.Numbers ? List.of() : task.names();
  }

  private static Map<String, Dataset> parts(Split split) {
    Map<String, Dataset> parts = new LinkedHashMap<>();
    parts.put("train", split.train());
    parts.put("validation", split.validation());
    split.test().ifPresent(test -> parts.put("test", test));
    return parts;
  }

  /** Whether training would be refused, or fail. */
  public boolean fails() {
    return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.ERROR);
  }
}

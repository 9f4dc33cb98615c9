package dev.fovea.check;

import dev.fovea.data.SkippedFile;
import dev.fovea.model.Task;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A check as JSON. */
public final class PreflightJson {
  private PreflightJson() {}

  public static ObjectNode of(Preflight check) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("title", check.title()).put("fails", check.fails());
    root.put("task", check.task().kind().name().toLowerCase(Locale.ROOT));
    check.classes().forEach(root.putArray("classes")::add);
    if (check.task() instanceof Task.Numbers(List<Task.Quantity> numbers)) {
      ArrayNode all = root.putArray("numbers");
      numbers.forEach(n -> all.addObject().put("name", n.name()).put("mean", n.mean()).put("std", n.std()));
    }
    ArrayNode parts = root.putArray("parts");
    check.parts().forEach(part -> part(parts.addObject(), part, check.pixels()));
    files(root.putArray("skipped"), check.skipped());
    groups(root.putArray("equal"), check.duplicates().exact());
    groups(root.putArray("similar"), check.duplicates().near());
    ArrayNode leaks = root.putArray("leaks");
    check.duplicates().leaks().forEach(leak -> leaks.addObject().put("from", leak.from()).put("into", leak.into())
        .put("equal", leak.exact()).put("similar", leak.near()));
    check.network().ifPresent(network -> network(root.putObject("network"), network));
    ArrayNode findings = root.putArray("findings");
    check.findings().forEach(finding -> findings.addObject().put("level", finding.level().name().toLowerCase(Locale.ROOT))
        .put("text", finding.text()));
    return root;
  }

  private static void part(ObjectNode node, Preflight.Part part, boolean pixels) {
    node.put("part", part.name()).put("images", part.images());
    part.labels().forEach(node.putArray(pixels ? "pixels_per_class" : "images_per_class")::add);
    files(node.putArray("unreadable"), part.unreadable());
    part.sizes().ifPresent(s -> {
      node.put("min", s.minWidth() + "x" + s.minHeight()).put("median", s.medianWidth() + "x" + s.medianHeight());
      node.put("max", s.maxWidth() + "x" + s.maxHeight()).put("enlarged", s.enlarged()).put("distorted", s.distorted());
    });
    part.channels().ifPresent(channels -> {
      channels.means().forEach(node.putArray("mean")::add);
      channels.stds().forEach(node.putArray("std")::add);
    });
  }

  private static void files(ArrayNode to, List<SkippedFile> files) {
    files.forEach(
        file -> to.addObject().put("file", file.file().toString()).put("kind", file.kind()).put("reason", file.reason()));
  }

  private static void groups(ArrayNode to, List<Duplicates.Group> groups) {
    for (Duplicates.Group group : groups) {
      ArrayNode images = to.addObject().put("labels", group.labels()).putArray("images");
      group.images().forEach(image -> images.addObject().put("part", image.part()).put("index", image.index())
          .put("source", image.source()));
    }
  }

  private static void network(ObjectNode node, NetworkCheck network) {
    node.put("network", network.name()).put("input", network.input().shape().toString());
    network.input().mean().forEach(node.putArray("mean")::add);
    network.input().std().forEach(node.putArray("std")::add);
    node.put("parameters", network.parameters()).put("training_peak_bytes", network.peakBytes());
    node.put("image_bytes", network.imageBytes()).put("steps_per_epoch", network.steps()).put("total_steps",
        network.totalSteps());
    network.epochSeconds().ifPresent(seconds -> node.put("epoch_seconds", seconds));
  }
}

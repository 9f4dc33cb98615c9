package dev.fovea.cli.console;

import dev.fovea.formats.numpy.Npy;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes a model's outputs into one folder, each as an array named after it. */
public final class OutputArrays {
  private final Path folder;

  /** In lower case: some file systems do not distinguish case. */
  private final Set<String> names = new TreeSet<>();

  private final List<Written> written = new ArrayList<>();

  /** The folder is created now, so that a wrong one is refused before the model runs. */
  public OutputArrays(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FoveaException(folder + ": cannot be created as a folder; give another --out", e);
    }
  }

  /** One output and its file. */
  private record Written(String name, Shape shape, Path file, float min, double mean, float max) {}

  /**
   * Writes outputs by name.
   *
   * @param integers the outputs that hold integers
   */
  public void write(Map<String, Tensor> outputs, Set<String> integers) {
    outputs.forEach((name, output) -> write(name, output, integers.contains(name)));
  }

  /**
   * Writes an output. Files of earlier runs are replaced; two outputs whose names become the same get different files.
   *
   * @param integers whether it holds integers, to be written as int64
   */
  private void write(String name, Tensor output, boolean integers) {
    Path file = folder.resolve(fileName(name) + ".npy");
    if (integers) {
      long[] values = new long[output.values().length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (long) output.values()[i];
      }
      Npy.write(file, output.shape(), values);
    } else {
      Npy.write(file, output);
    }
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    double sum = 0;
    for (float value : output.values()) {
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
    written.add(new Written(name, output.shape(), file, min, sum / output.values().length, max));
  }

  private String fileName(String name) {
    String base = name.replaceAll("[^A-Za-z0-9._-]", "_");
    String free = base;
    for (int i = 2; !names.add(free.toLowerCase(Locale.ROOT)); i++) {
      free = base + "-" + i;
    }
    return free;
  }

  public void printJson(Streams streams) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ArrayNode outputs = root.putArray("outputs");
    for (Written output : written) {
      ObjectNode node = outputs.addObject();
      node.put("name", output.name);
      ArrayNode shape = node.putArray("shape");
      output.shape.dims().forEach(shape::add);
      node.put("file", output.file.toString());
    }
    streams.json(root);
  }

  public void printTable(Streams streams) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-24s %-16s %12s %12s %12s  %s%n",
        "output", "shape", "min", "mean", "max", "file"));
    for (Written output : written) {
      text.append(String.format(Locale.ROOT, "%-24s %-16s %12.6g %12.6g %12.6g  %s%n", output.name,
          output.shape.rank() == 0 ? "scalar" : output.shape, output.min, output.mean, output.max, output.file));
    }
    streams.print(text);
  }
}

package dev.fovea.model;

import dev.fovea.format.Json;
import dev.fovea.format.Quote;
import dev.fovea.format.SafeTensors;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphJson;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as one {@code .safetensors} file: the parameters as tensors, and in the header's metadata the graph and the card as JSON.
 * Other readers of the format see only the tensors.
 */
final class ModelFile {
  private static final String FORMAT = "fovea";
  private static final String VERSION = "1";
  private static final String GRAPH = "fovea.graph";
  private static final String CARD = "fovea.card";

  /**
   * The size from which the engine is warmed up while reading; smaller files are read, and their networks run, before that ends.
   */
  private static final long WARM_UP_BYTES = 4 << 20;

  private ModelFile() {}

  static void write(Model model, Path file) {
    Json.Obj graph = GraphJson.write(model.graph());
    Json.Obj card = CardJson.write(model.card());
    requireReadable(graph, card, file);
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt");
    metadata.put(FORMAT, VERSION);
    metadata.put(GRAPH, graph.text());
    metadata.put(CARD, card.text());
    List<SafeTensors.Slice> slices =
        model.parameters().entries().stream().map(e -> new SafeTensors.Slice(e.name(), e.shape(), e.offset())).toList();
    SafeTensors.write(file, slices, model.parameters().values(), metadata);
  }

  /** Names of networks from elsewhere may be longer than {@link #read} accepts, or hold control characters. */
  private static void requireReadable(Json.Obj graph, Json.Obj card, Path file) {
    GraphJson.read(graph, file.toString());
    try {
      CardJson.read(card);
    } catch (FoveaException e) {
      throw new FoveaException(file + ": card: " + e.getMessage(), e);
    }
  }

  static Model read(Path file) {
    try (SafeTensors tensors = SafeTensors.read(file)) {
      Map<String, String> metadata = tensors.metadata();
      if (!metadata.containsKey(GRAPH)) {
        throw new WeightsOnlyException(file, tensors.names().size());
      }
      if (!metadata.containsKey(CARD)) {
        throw new FoveaException(file + ": is damaged: its header has '" + GRAPH + "' and lacks '" + CARD + "'; save it again");
      }
      if (!VERSION.equals(metadata.get(FORMAT))) {
        throw new FoveaException(
            file + ": a model of format version " + Quote.quote(String.valueOf(metadata.get(FORMAT)))
                + "; this version of Fovea reads version " + VERSION
                + ": use a newer Fovea");
      }
      warmUp(tensors.bytes());
      return model(tensors, metadata.get(GRAPH), metadata.get(CARD), file);
    } catch (FoveaException e) {
      throw String.valueOf(e.getMessage()).contains(file.toString()) ? e : new FoveaException(file + ": " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw new FoveaException(file + ": does not fit into the memory of " + (Runtime.getRuntime().maxMemory() >> 20)
          + " MiB: give the JVM more memory, as in -Xmx8g", e);
    }
  }

  /** Warms up the engine while a large file is read. */
  static void warmUp(long bytes) {
    if (bytes >= WARM_UP_BYTES) {
      Backends.warmUp();
    }
  }

  private static Model model(SafeTensors tensors, String graphText, String cardText, Path file) {
    Graph graph = GraphJson.read(Json.parseObject(graphText, file + ": graph"), file.toString());
    Card card = CardJson.read(Json.parseObject(cardText, file + ": card"));
    check(graph, tensors, file);
    Parameters parameters = Parameters.zeros(graph);
    for (Parameters.Entry entry : parameters.entries()) {
      tensors.readInto(entry.name(), parameters.values(), entry.offset());
    }
    return new Model(graph, parameters, card);
  }

  /** Called before memory is allocated: the graph's parameters are those that the file has. */
  private static void check(Graph graph, SafeTensors tensors, Path file) {
    for (Op.Param param : graph.params()) {
      if (!tensors.has(param.name())) {
        throw new FoveaException(file + ": the graph needs a tensor " + Quote.quote(param.name()) + ", which is not in the file");
      }
      if (!tensors.shape(param.name()).equals(param.shape())) {
        throw new FoveaException(
            file + ": tensor " + Quote.quote(param.name()) + " is " + tensors.shape(param.name()) + ", the graph expects "
                + param.shape());
      }
    }
  }
}

package dev.fovea.model;

import dev.fovea.format.Json;
import dev.fovea.format.Json.Obj;
import dev.fovea.format.SafeTensors;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphJson;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model as one {@code .safetensors} file: the parameters as tensors, and in the header's metadata the graph and the card as JSON.
 * Other readers of the format see only the tensors.
 */
final class ModelFile {
  private static final String FORMAT = "fovea";
  private static final String VERSION = "1";
  private static final String GRAPH = "fovea.graph";
  private static final String CARD = "fovea.card";

  private static final int MAX_CLASS_NAME_LENGTH = 1000;

  /**
   * The size from which the engine is warmed up while reading; smaller files are read, and their networks run, before that ends.
   */
  private static final long WARM_UP_BYTES = 4 << 20;

  private ModelFile() {}

  static void write(Model model, Path file) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt");
    metadata.put(FORMAT, VERSION);
    metadata.put(GRAPH, GraphJson.write(model.graph()).text());
    metadata.put(CARD, card(model.card()).text());
    List<SafeTensors.Slice> slices =
        model.parameters().entries().stream().map(e -> new SafeTensors.Slice(e.name(), e.shape(), e.offset())).toList();
    SafeTensors.write(file, slices, model.parameters().values(), metadata);
  }

  static Model read(Path file) {
    try (SafeTensors tensors = SafeTensors.read(file)) {
      Map<String, String> metadata = tensors.metadata();
      if (!metadata.containsKey(GRAPH) || !metadata.containsKey(CARD)) {
        throw new FoveaException(
            file + ": has tensors but is not a Fovea model: its header lacks '" + GRAPH + "' and '" + CARD + "'");
      }
      if (!VERSION.equals(metadata.get(FORMAT))) {
        throw new FoveaException(
            file + ": a model of format version " + metadata.get(FORMAT) + "; this version of Fovea reads version " + VERSION
                + ": use a newer Fovea");
      }
      if (tensors.bytes() >= WARM_UP_BYTES) {
        Backends.warmUp();
      }
      return model(tensors, metadata.get(GRAPH), metadata.get(CARD), file);
    } catch (FoveaException e) {
      throw String.valueOf(e.getMessage()).contains(file.toString()) ? e : new FoveaException(file + ": " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw new FoveaException(file + ": does not fit into the memory of " + (Runtime.getRuntime().maxMemory() >> 20)
          + " MiB: give the JVM more memory, as in -Xmx8g", e);
    }
  }

  private static Model model(SafeTensors tensors, String graphText, String cardText, Path file) {
    Graph graph = GraphJson.read(Json.parseObject(graphText, file + ": graph"), file.toString());
    Card card = card(Json.parseObject(cardText, file + ": card"));
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
        throw new FoveaException(file + ": the graph needs a tensor '" + param.name() + "', which is not in the file");
      }
      if (!tensors.shape(param.name()).equals(param.shape())) {
        throw new FoveaException(
            file + ": tensor '" + param.name() + "' is " + tensors.shape(param.name()) + ", the graph expects " + param.shape());
      }
    }
  }

  private static Obj card(Card card) {
    Obj json = Json.object().with("network", card.network()).with("classes", strings(card.classes()));
    if (card.image().isPresent()) {
      json = json.with("preprocessing", preprocessing(card.preprocessing()));
    }
    if (!card.integers().isEmpty()) {
      json = json.with("integers", strings(card.integers()));
    }
    Obj provenance = Json.object();
    for (Map.Entry<String, String> entry : card.provenance().entrySet()) {
      provenance = provenance.with(entry.getKey(), entry.getValue());
    }
    return json.with("provenance", provenance);
  }

  private static Json strings(Collection<String> values) {
    List<Json> items = new ArrayList<>();
    values.forEach(value -> items.add(new Json.Str(value)));
    return new Json.Arr(items);
  }

  private static Obj preprocessing(Preprocessing p) {
    Obj json = Json.object()
        .with("shape", new int[] {p.channels(), p.height(), p.width()})
        .with("fit", p.fit().name().toLowerCase(Locale.ROOT));
    if (p.resize() > 0) {
      json = json.with("resize", p.resize());
    }
    if (p.bgr()) {
      json = json.with("bgr", true);
    }
    return json.with("mean", values(p.mean())).with("std", values(p.std()));
  }

  private static Json values(List<Float> values) {
    List<Json> items = new ArrayList<>();
    values.forEach(n -> items.add(Json.Num.of(n)));
    return new Json.Arr(items);
  }

  private static Card card(Obj json) {
    Map<String, String> provenance = new LinkedHashMap<>();
    Obj stored = json.object("provenance");
    stored.members().keySet().forEach(key -> provenance.put(key, stored.string(key)));
    List<String> classes = json.strings("classes");
    for (String name : classes) {
      if (name.length() > MAX_CLASS_NAME_LENGTH) {
        throw new FoveaException(
            json.place() + ": a class has a name of " + name.length() + " characters; the limit is "
                + MAX_CLASS_NAME_LENGTH);
      }
    }
    Optional<Preprocessing> image =
        json.has("preprocessing") ? Optional.of(preprocessing(json, json.object("preprocessing"))) : Optional.empty();
    Set<String> integers = json.has("integers") ? new LinkedHashSet<>(json.strings("integers")) : Set.of();
    return new Card(json.string("network"), classes, image, integers, provenance);
  }

  private static Preprocessing preprocessing(Obj card, Obj p) {
    int[] dims = p.ints("shape");
    if (dims.length != 3) {
      throw new FoveaException(card.place() + ": the preprocessing's shape needs 3 sizes, got " + dims.length);
    }
    Shape shape = Shape.of(dims);
    String std = p.has("deviation") ? "deviation" : "std"; // the key in older files
    return new Preprocessing(shape.dim(0), shape.dim(1), shape.dim(2), fit(p), p.has("resize") ? p.integer("resize") : 0,
        p.has("bgr") && p.bool("bgr"), floats(p, "mean"), floats(p, std));
  }

  private static Fit fit(Obj json) {
    String name = json.string("fit");
    for (Fit fit : Fit.values()) {
      if (fit.name().equalsIgnoreCase(name)) {
        return fit;
      }
    }
    throw new FoveaException(json.place() + ": unknown fit '" + name + "'");
  }

  private static List<Float> floats(Obj json, String key) {
    List<Float> values = new ArrayList<>();
    for (Json item : json.list(key)) {
      if (!(item instanceof Json.Num n)) {
        throw new FoveaException(json.place() + ": " + key + ": expected numbers, got " + item.describe());
      }
      values.add((float) n.asDouble());
    }
    return values;
  }
}

package dev.fovea.model;

import dev.fovea.format.Json;
import dev.fovea.format.Json.Obj;
import dev.fovea.format.Quote;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A {@link Card} as JSON, as model files store it. */
public final class CardJson {
  private static final int MAX_CLASS_NAME_LENGTH = 1000;
  private static final String SEVERAL_LABELS = "several_labels";
  private static final String NUMBERS = "numbers";

  private CardJson() {}

  /** The card as JSON. */
  public static Obj write(Card card) {
    Obj json = withTask(Json.object().with("network", card.network()).with("classes", strings(card.classes())), card.task());
    if (card.image().isPresent()) {
      json = json.with("preprocessing", preprocessing(card.preprocessing()));
    }
    if (!card.integers().isEmpty()) {
      json = json.with("integers", strings(card.integers()));
    }
    if (card.temperature() != 1) {
      json = json.with("temperature", card.temperature());
    }
    Obj provenance = Json.object();
    for (Map.Entry<String, String> entry : card.provenance().entrySet()) {
      provenance = provenance.with(entry.getKey(), entry.getValue());
    }
    return json.with("provenance", provenance);
  }

  /** Files of models with one label have neither key. */
  private static Obj withTask(Obj json, Task task) {
    return switch (task) {
      case Task.None _, Task.OneLabel _ -> json;
      case Task.SeveralLabels _ -> json.with(SEVERAL_LABELS, true);
      case Task.Numbers(List<Task.Quantity> numbers) -> {
        List<Json> items = new ArrayList<>();
        numbers.forEach(n -> items.add(Json.object().with("name", n.name()).with("mean", n.mean()).with("std", n.std())));
        yield json.with(NUMBERS, new Json.Arr(items));
      }
    };
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

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws FoveaException in one line that names the place in the file
   */
  public static Card read(Obj json) {
    Map<String, String> provenance = new LinkedHashMap<>();
    Obj stored = json.object("provenance");
    stored.members().keySet().forEach(key -> provenance.put(key, stored.string(key)));
    Optional<Preprocessing> image =
        json.has("preprocessing") ? Optional.of(preprocessing(json, json.object("preprocessing"))) : Optional.empty();
    Set<String> integers = json.has("integers") ? new LinkedHashSet<>(json.strings("integers")) : Set.of();
    double temperature = json.has("temperature") ? json.number("temperature") : 1;
    return new Card(json.string("network"), task(json), image, integers, temperature, provenance);
  }

  private static Task task(Obj json) {
    List<String> classes = json.strings("classes");
    classes.forEach(name -> requireShort(json, name));
    boolean several = json.has(SEVERAL_LABELS) && json.bool(SEVERAL_LABELS);
    if (json.has(NUMBERS)) {
      if (several || !classes.isEmpty()) {
        throw new FoveaException(json.place() + ": expected classes or numbers, got both");
      }
      return new Task.Numbers(json.list(NUMBERS).stream().map(item -> quantity(json, item)).toList());
    }
    return several ? new Task.SeveralLabels(classes) : classes.isEmpty() ? new Task.None() : new Task.OneLabel(classes);
  }

  private static Task.Quantity quantity(Obj card, Json item) {
    if (!(item instanceof Obj json)) {
      throw new FoveaException(card.place() + ": " + NUMBERS + ": expected objects, got " + item.describe());
    }
    requireShort(card, json.string("name"));
    return new Task.Quantity(json.string("name"), json.number("mean"), json.number("std"));
  }

  private static void requireShort(Obj card, String name) {
    if (name.length() > MAX_CLASS_NAME_LENGTH) {
      throw new FoveaException(card.place() + ": a class has a name of " + name.length() + " characters; the limit is "
          + MAX_CLASS_NAME_LENGTH);
    }
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
    throw new FoveaException(json.place() + ": unknown fit " + Quote.quote(name));
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

package dev.fovea.run;

import dev.fovea.format.AtomicFile;
import dev.fovea.format.TextFile;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One of a run's JSON objects, read with suspicion. {@code place} names it in messages. */
record JsonFile(String place, JsonNode node) {
  /** The longest file that is read; those of a run have a few hundred bytes. */
  private static final long LONGEST = 1 << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static JsonFile read(Path file) {
    try {
      if (Files.size(file) > LONGEST) {
        throw new FoveaException(file + ": has more than " + LONGEST + " bytes, it is none of a run's files");
      }
      return parse(file.toString(), TextFile.read(file));
    } catch (IOException e) {
      throw new FoveaException(file + ": cannot be read: it is no UTF-8 text, or not yours to read", e);
    }
  }

  static JsonFile parse(String place, String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node.isObject()) {
        return new JsonFile(place, node);
      }
    } catch (JacksonException e) {
      throw new FoveaException(place + ": is damaged: " + e.getOriginalMessage().lines().findFirst().orElse("no JSON"), e);
    }
    throw new FoveaException(place + ": is damaged: expected a JSON object");
  }

  /** On several lines, for people. */
  static void write(Path file, ObjectNode json) {
    AtomicFile.write(file, json.toPrettyString() + "\n");
  }

  boolean has(String name) {
    return node.has(name);
  }

  /** The same, with that text where there is nothing of that name. */
  JsonFile orElse(String name, String text) {
    return has(name) ? this : new JsonFile(place, node.deepCopy().asObject().put(name, text));
  }

  String text(String name) {
    return value(name, JsonNode::isString, "a text").stringValue();
  }

  double number(String name) {
    return value(name, JsonNode::isNumber, "a number").doubleValue();
  }

  long whole(String name) {
    return value(name, n -> n.isIntegralNumber() && n.canConvertToLong(), "a whole number").longValue();
  }

  int integer(String name) {
    return value(name, n -> n.isIntegralNumber() && n.canConvertToInt(), "a whole number of 32 bits").intValue();
  }

  JsonFile object(String name) {
    return new JsonFile(place + ": " + name, value(name, JsonNode::isObject, "an object"));
  }

  List<JsonFile> objects(String name) {
    JsonNode array = value(name, n -> n.isArray() && n.valueStream().allMatch(JsonNode::isObject), "a list of objects");
    return IntStream.range(0, array.size()).mapToObj(i -> new JsonFile(place + ": " + name + " " + (i + 1), array.get(i)))
        .toList();
  }

  Map<String, String> texts(String name) {
    JsonFile inner = object(name);
    Map<String, String> texts = new LinkedHashMap<>();
    inner.node.propertyNames().forEach(key -> texts.put(key, inner.text(key)));
    return texts;
  }

  private JsonNode value(String name, Predicate<JsonNode> fits, String expected) {
    JsonNode value = node.path(name);
    if (!fits.test(value)) {
      throw new FoveaException(place + ": is damaged: expected " + expected + " as '" + name + "'");
    }
    return value;
  }
}

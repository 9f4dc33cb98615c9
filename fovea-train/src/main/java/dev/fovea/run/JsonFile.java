package dev.fovea.run;

import dev.fovea.format.AtomicFile;
import dev.fovea.format.FileNames;
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

/** A JSON object of a run, validated as it is read. {@code source} names it in messages. */
record JsonFile(String source, JsonNode node) {
  /** The maximum size of a file in bytes; those of a run have a few hundred bytes. */
  private static final long MAX_BYTES = 1 << 20;

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
      if (Files.size(file) > MAX_BYTES) {
        throw new FoveaException(file + ": has more than " + MAX_BYTES + " bytes, so it was not written by a run");
      }
      return parse(file.toString(), TextFile.read(file));
    } catch (IOException e) {
      throw new FoveaException(file + ": cannot be read: it is not UTF-8 text, or permission is denied", e);
    }
  }

  static JsonFile parse(String source, String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node.isObject()) {
        return new JsonFile(source, node);
      }
    } catch (JacksonException e) {
      String why = FileNames.line(e.getOriginalMessage().lines().findFirst().orElse("not JSON"));
      throw new FoveaException(source + ": is damaged: " + why, e);
    }
    throw new FoveaException(source + ": is damaged: expected a JSON object");
  }

  /** Writes it atomically, indented. */
  static void write(Path file, ObjectNode json) {
    AtomicFile.write(file, json.toPrettyString() + "\n");
  }

  boolean has(String name) {
    return node.has(name);
  }

  /** The same, with a default for a missing text. */
  JsonFile orElse(String name, String text) {
    return has(name) ? this : new JsonFile(source, node.deepCopy().asObject().put(name, text));
  }

  String text(String name) {
    return value(name, JsonNode::isString, "a string").stringValue();
  }

  double number(String name) {
    return value(name, JsonNode::isNumber, "a number").doubleValue();
  }

  long longInteger(String name) {
    return value(name, n -> n.isIntegralNumber() && n.canConvertToLong(), "an integer").longValue();
  }

  int integer(String name) {
    return value(name, n -> n.isIntegralNumber() && n.canConvertToInt(), "a 32-bit integer").intValue();
  }

  JsonFile object(String name) {
    return new JsonFile(source + ": " + name, value(name, JsonNode::isObject, "an object"));
  }

  List<JsonFile> objects(String name) {
    JsonNode array = value(name, n -> n.isArray() && n.valueStream().allMatch(JsonNode::isObject), "an array of objects");
    return IntStream.range(0, array.size()).mapToObj(i -> new JsonFile(source + ": " + name + " " + (i + 1), array.get(i)))
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
      throw new FoveaException(source + ": is damaged: expected " + expected + " as '" + FileNames.line(name) + "'");
    }
    return value;
  }
}

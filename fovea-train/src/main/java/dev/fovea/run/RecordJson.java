package dev.fovea.run;

import dev.fovea.tensor.FoveaException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Maps a record to members of a JSON object: each component under its name in snake case; components of a nested record become
 * members of the same object. Components are strings, numbers, and maps of strings.
 */
final class RecordJson {
  private RecordJson() {}

  /** The components by name, in their order. */
  @SuppressWarnings("NonApiType") // callers put some first or last
  static LinkedHashMap<String, Object> fields(Record record) {
    LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(record, component);
      if (value instanceof Record inner) {
        fields.putAll(fields(inner));
      } else {
        fields.put(name(component), value);
      }
    }
    return fields;
  }

  static void write(Record record, ObjectNode json) {
    fields(record).forEach((name, value) -> {
      switch (value) {
        case String text -> json.put(name, text);
        case Integer number -> json.put(name, number);
        case Long number -> json.put(name, number);
        case Double number -> json.put(name, number);
        case Map<?, ?> texts -> {
          ObjectNode inner = json.putObject(name);
          texts.forEach((key, text) -> inner.put(String.valueOf(key), String.valueOf(text)));
        }
        default -> throw new IllegalArgumentException(name + ": " + value);
      }
    });
  }

  /**
   * The record that {@link #write} wrote.
   *
   * @throws FoveaException if a member is missing or has another type, or the record refuses it
   */
  static <R extends Record> R read(Class<R> type, JsonFile json) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = Arrays.stream(components).map(component -> value(component, json)).toArray();
    try {
      return type.getDeclaredConstructor(Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
          .newInstance(values);
    } catch (InvocationTargetException e) {
      throw new FoveaException(json.source() + ": is damaged: " + e.getTargetException().getMessage(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object value(RecordComponent component, JsonFile json) {
    Class<?> type = component.getType();
    String name = name(component);
    if (type.isRecord()) {
      return read(type.asSubclass(Record.class), json);
    }
    return type == String.class ? json.text(name)
        : type == int.class ? (Object) json.integer(name)
            : type == long.class ? (Object) json.longInteger(name)
                : type == double.class ? (Object) json.number(name) : json.texts(name);
  }

  private static Object value(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code batch_size} of {@code batchSize}. */
  private static String name(RecordComponent component) {
    return component.getName().replaceAll("(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }
}

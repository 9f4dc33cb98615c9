package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value (RFC 8259), immutable. Objects keep the order of their members, so the same value always has the same text.
 *
 * <p>Reading is strict: no comments, no trailing commas, no text after the value, no duplicate key, no unpaired surrogate (neither
 * plain nor as an escape: UTF-8 cannot encode it), no nesting deeper than {@value #MAX_DEPTH}, no more than
 * {@value #MAX_VALUES} values (a value needs about 70 bytes of memory but only two of text; an object needs as much as {@value
 * #VALUES_PER_OBJECT} values and counts as that).
 */
public sealed interface Json {
  /** The maximum nesting of objects and lists. */
  int MAX_DEPTH = 64;

  /** The maximum number of values; each member and element counts. */
  int MAX_VALUES = 1 << 19;

  /** The number of values that an object counts as. */
  int VALUES_PER_OBJECT = 3;

  /** An object. {@code place} is its location, for the error messages of the methods below; it is not part of the value. */
  record Obj(Map<String, Json> members, String place) implements Json {
    public Obj {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    public Obj(Map<String, Json> members) {
      this(members, "JSON");
    }

    /** A copy with one more member, or with that member's value replaced. */
    public Obj with(String key, Json value) {
      Map<String, Json> changed = new LinkedHashMap<>(members);
      changed.put(key, value);
      return new Obj(changed, place);
    }

    public Obj with(String key, String value) {
      return with(key, new Str(value));
    }

    public Obj with(String key, long value) {
      return with(key, Num.of(value));
    }

    public Obj with(String key, double value) {
      return with(key, Num.of(value));
    }

    public Obj with(String key, boolean value) {
      return with(key, new Bool(value));
    }

    /** A copy with a list of integers. */
    public Obj with(String key, int[] values) {
      return with(key, new Arr(Arrays.stream(values).<Json>mapToObj(Num::of).toList()));
    }

    /** Whether there is such a member, even if it is null. */
    public boolean has(String key) {
      return members.containsKey(key);
    }

    /** The member, or empty if the key is missing. An object has its location set. */
    public Optional<Json> optional(String key) {
      return Optional.ofNullable(members.get(key)).map(value -> placed(value, place + ": " + Quote.plain(key)));
    }

    /**
     * The member; like every method here that returns no Optional, it throws if the key is missing or the value is of another kind.
     */
    public Json required(String key) {
      return optional(key).orElseThrow(() -> new FoveaException(place + ": " + Quote.quote(key) + " is missing"));
    }

    /** A string. */
    public String string(String key) {
      return expect(Str.class, required(key), key, "a string").value();
    }

    /** {@code true} or {@code false}. */
    public boolean bool(String key) {
      return expect(Bool.class, required(key), key, "true or false").value();
    }

    /** A 32-bit integer. */
    public int integer(String key) {
      return number(key, required(key), "an integer", Num::asInt);
    }

    /** A 64-bit integer. */
    public long longInteger(String key) {
      return number(key, required(key), "an integer", Num::asLong);
    }

    /** Any finite number. */
    public double number(String key) {
      return number(key, required(key), "a number", Num::asDouble);
    }

    /** An object, with its location set. */
    public Obj object(String key) {
      return expect(Obj.class, required(key), key, "an object");
    }

    /** A list's elements; objects among them have their locations set. */
    public List<Json> list(String key) {
      List<Json> items = expect(Arr.class, required(key), key, "an array").items();
      List<Json> placed = new ArrayList<>(items.size());
      for (int i = 0; i < items.size(); i++) {
        placed.add(placed(items.get(i), place + ": " + Quote.plain(key) + "[" + i + "]"));
      }
      return Collections.unmodifiableList(placed);
    }

    /** A list of objects only, with their locations set. */
    public List<Obj> objects(String key) {
      return list(key).stream().map(item -> expect(Obj.class, item, key, "an array of objects")).toList();
    }

    /** A list of strings only. */
    public List<String> strings(String key) {
      return list(key).stream().map(item -> expect(Str.class, item, key, "an array of strings").value()).toList();
    }

    /** A list of 32-bit integers. */
    public int[] ints(String key) {
      return list(key).stream().mapToInt(item -> number(key, item, "an array of integers", Num::asInt)).toArray();
    }

    /** A list of 64-bit integers. */
    public long[] longs(String key) {
      return list(key).stream().mapToLong(item -> number(key, item, "an array of integers", Num::asLong)).toArray();
    }

    private <N> N number(String key, Json value, String expected, Function<Num, N> reading) {
      Num number = expect(Num.class, value, key, expected);
      try {
        return reading.apply(number);
      } catch (FoveaException e) {
        throw new FoveaException(place + ": " + Quote.quote(key) + ": " + e.getMessage(), e);
      }
    }

    private <T extends Json> T expect(Class<T> kind, Json value, String key, String expected) {
      if (!kind.isInstance(value)) {
        throw new FoveaException(place + ": " + Quote.quote(key) + " must be " + expected + ", got " + value.describe());
      }
      return kind.cast(value);
    }

    private static Json placed(Json value, String place) {
      return value instanceof Obj object ? new Obj(object.members, place) : value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Obj object && members.equals(object.members);
    }

    @Override
    public int hashCode() {
      return members.hashCode();
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** A list. */
  record Arr(List<Json> items) implements Json {
    public Arr {
      items = List.copyOf(items);
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** A string. */
  record Str(String value) implements Json {
    @Override
    public String toString() {
      return text();
    }
  }

  /** A number as its text, so no precision is lost: {@code 1} and {@code 1.0} are different values. */
  record Num(String digits) implements Json {
    private static final Pattern GRAMMAR = Pattern.compile("-?(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?(?:[eE][+-]?[0-9]++)?");

    public Num {
      if (!isNumber(digits)) {
        throw new FoveaException(Quote.quote(digits) + " is not a JSON number");
      }
    }

    static boolean isNumber(String digits) {
      return GRAMMAR.matcher(digits).matches();
    }

    public static Num of(long value) {
      return new Num(Long.toString(value));
    }

    /** The shortest text that parses to this number; throws for infinities and NaN, which JSON does not have. */
    public static Num of(double value) {
      return new Num(Double.toString(value));
    }

    /** The number, if it is an integer (without point and exponent) that fits into 32 bits; otherwise it throws. */
    public int asInt() {
      try {
        return Integer.parseInt(digits);
      } catch (NumberFormatException e) {
        throw new FoveaException("expected a 32-bit integer, got " + Quote.quote(digits), e);
      }
    }

    /** The number, if it is an integer (without point and exponent) that fits into 64 bits; otherwise it throws. */
    public long asLong() {
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        throw new FoveaException("expected a 64-bit integer, got " + Quote.quote(digits), e);
      }
    }

    /** The nearest double; throws for a number beyond its range. */
    public double asDouble() {
      double value = Double.parseDouble(digits);
      if (Double.isInfinite(value)) {
        throw new FoveaException("expected a number of at most 1.8e308, got " + Quote.quote(digits));
      }
      return value;
    }

    @Override
    public String toString() {
      return digits;
    }
  }

  /** {@code true} or {@code false}. */
  record Bool(boolean value) implements Json {
    @Override
    public String toString() {
      return text();
    }
  }

  /** {@code null}. */
  record Null() implements Json {
    @Override
    public String toString() {
      return text();
    }
  }

  /** Parses one value; {@code source} (such as a file name) starts every error message about it. */
  static Json parse(String text, String source) {
    return new JsonParser(text, source).parse();
  }

  /** Parses an object; throws for any other value. */
  static Obj parseObject(String text, String source) {
    if (parse(text, source) instanceof Obj object) {
      return object;
    }
    throw new FoveaException(source + ": expected a JSON object");
  }

  /** An empty object, to be extended by {@link Obj#with(String, Json)} and its overloads. */
  static Obj object() {
    return new Obj(Map.of());
  }

  /** The value as compact JSON, always the same for the same value; throws for a string with an unpaired surrogate. */
  default String text() {
    StringBuilder out = new StringBuilder();
    JsonWriter.write(this, out);
    return out.toString();
  }

  /** A short description of the value for messages. */
  default String describe() {
    return switch (this) {
      case Obj _ -> "an object";
      case Arr(var items) -> "an array of " + items.size();
      case Str(var value) -> Quote.quote(value);
      case Num(var digits) -> "the number " + (digits.length() > 40 ? digits.substring(0, 40) + "..." : digits);
      case Bool(var value) -> Boolean.toString(value);
      case Null _ -> "null";
    };
  }
}

package dev.fovea.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  private static Json parse(String text) {
    return Json.parse(text, "file");
  }

  @Test
  void everyKindOfValueIsRead() {
    assertThat(parse(" {\"a\" : [1, -2.50e+3, true, false, null, \"x\"],\t\"b\":{}}\r\n")).isEqualTo(new Json.Obj(Map.of(
        "a", new Json.Arr(List.of(new Json.Num("1"), new Json.Num("-2.50e+3"), new Json.Bool(true), new Json.Bool(false),
            new Json.Null(), new Json.Str("x"))),
        "b", Json.object())));
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "0", "-0", "-0.0", "1E400", "1e-400", "123456789012345678901234567890", "1.5", "\"\"",
      "\"\u00e9\u4e2d\ud83d\ude00\u2028\u007f\"",
      "[]", "{}", "[[[]]]", "{\"\":0}",
      "{\"a\":{\"b\":[{\"c\":null}]}}", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\"", "true", "null"})
  void compactTextRoundTrips(String text) {
    assertThat(parse(text).text()).isEqualTo(text);
    assertThat(parse(text)).hasToString(text);
  }

  @Test
  void escapesAreRead() {
    assertThat(parse("\"a\\/\\u0041\\u00e9\\u00E9\\ud83d\\ude00z\"")).isEqualTo(new Json.Str("a/A\u00e9\u00e9\ud83d\ude00z"));
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{\"a\"",
      "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
      "{,}", "{a:1}", "{'a':1}", "{1:2}",
      "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "1 2", "[] []", "nul",
      "nulll", "True", "NaN", "Infinity",
      "-Infinity", "undefined", "01", "-01", "00", "+1", ".5", "1.", "-",
      "--1", "1e", "1e+", "1.e3", "1.2.3", "0x10", "1_000", "1-2", "1a", "'a'",
      "\"", "\"a", "\"\\", "\"\\\"", "\"\\x\"", "\"\\a\"",
      "\"\\u\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u+123\"", "\"\\U0041\"", "\"a\nb\"", "\"\t\"",
      "\"\u0000\"", "/**/1", "1//", "#1", "[1]\u0000",
      "\ufeff1", "\u00a01", "\f1", "[\u20281]", "\uff11", "\"\\u\uff11\uff11\uff11\uff11\"",
      "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\udc00\\ud800\"",
      "\"\\ud800\\u0041\""})
  void invalidJsonIsRefused(String text) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(FoveaException.class).hasMessageStartingWith("file: not valid JSON: ")
        .message().doesNotContain("\n").doesNotContain("\u0000");
  }

  @Test
  void unpairedSurrogatesAreRefusedReadingAndWriting() {
    for (String lone : List.of("\ud800", "\udc00", "\ud800x", "\udc00\ud800")) {
      assertThatThrownBy(() -> parse("\"" + lone + "\"")).isInstanceOf(FoveaException.class).hasMessageContaining("surrogate");
      assertThatThrownBy(() -> new Json.Str(lone).text()).isInstanceOf(FoveaException.class).hasMessageContaining("surrogate");
    }
  }

  @Test
  void duplicateKeysAreRefused() {
    assertThatThrownBy(() -> parse("{\"a\":1,\"b\":{\"a\":2},\"\\u0061\":3}"))
        .hasMessage("file: not valid JSON: the duplicate key 'a' at character 20");
  }

  @Test
  void nestingIsBounded() {
    assertThat(parse("[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH))).isInstanceOf(Json.Arr.class);
    for (String open : List.of("[", "{\"a\":", "[{\"a\":")) {
      assertThatThrownBy(() -> parse(open.repeat(100_000))).isInstanceOf(FoveaException.class)
          .hasMessageContaining("deeper than 64");
    }
    assertThatThrownBy(() -> parse("[".repeat(65) + "]".repeat(65))).hasMessageContaining("deeper than 64");
  }

  @Test
  void theNumberOfValuesIsBounded() {
    assertThat(parse("[" + "0,".repeat(Json.MAX_VALUES - 2) + "0]")).isInstanceOf(Json.Arr.class);
    assertThatThrownBy(() -> parse("[" + "0,".repeat(Json.MAX_VALUES - 1) + "0]"))
        .hasMessageContaining("more than " + Json.MAX_VALUES + " values");
    // an object needs as much memory as three numbers, and counts as that
    int objects = (Json.MAX_VALUES - 1) / Json.VALUES_PER_OBJECT;
    assertThat(parse("[" + "{},".repeat(objects - 1) + "{}]")).isInstanceOf(Json.Arr.class);
    assertThatThrownBy(() -> parse("[" + "{},".repeat(objects) + "{}]")).hasMessageContaining("more than ");
  }

  @Test
  void membersKeepTheirOrder() {
    Json.Obj object = Json.object().with("z", 1).with("a", 0.05).with("m", "x").with("b", true).with("p", new int[] {1, 2});
    assertThat(object.with("z", 3L).text())
        .isEqualTo("{\"z\":3,\"a\":0.05,\"m\":\"x\",\"b\":true,\"p\":[1,2]}");
  }

  @Test
  void equalityIgnoresLocations() {
    assertThat(Json.parse("{\"a\":1}", "here")).isEqualTo(Json.parse("{\"a\":1}", "there"))
        .hasSameHashCodeAs(Json.object().with("a", 1))
        .isNotEqualTo(Json.object().with("a", 2));
  }

  @Test
  void numbersAreCheckedWhenTheyAreRead() {
    assertThat(Json.Num.of(Integer.MIN_VALUE).asInt()).isEqualTo(Integer.MIN_VALUE);
    assertThat(Json.Num.of(Long.MAX_VALUE).asLong()).isEqualTo(Long.MAX_VALUE);
    assertThat(Json.Num.of(Double.MIN_VALUE).asDouble()).isEqualTo(Double.MIN_VALUE);
    assertThatThrownBy(() -> Json.Num.of(1L << 31).asInt()).isInstanceOf(FoveaException.class).hasMessageContaining("2147483648");
    assertThatThrownBy(() -> new Json.Num("9223372036854775808").asLong()).isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> new Json.Num("1.0").asLong()).isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> new Json.Num("1e400").asDouble()).isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> Json.Num.of(Double.NaN)).isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> Json.Num.of(Double.NEGATIVE_INFINITY)).isInstanceOf(FoveaException.class);
  }

  @Test
  void readersReturnTheirMembers() {
    Json.Obj object = Json.parseObject("{\"op\":\"Conv\",\"group\":2,\"big\":5000000000,\"eps\":1e-5,\"ceil\":false,"
        + "\"pads\":[0,1],\"names\":[\"a\"],"
        + "\"nodes\":[{\"x\":1},{\"x\":2}],\"sub\":{\"y\":null},\"spans\":[0,5000000000]}", "model");
    assertThat(object.string("op")).isEqualTo("Conv");
    assertThat(object.integer("group")).isEqualTo(2);
    assertThat(object.longInteger("big")).isEqualTo(5_000_000_000L);
    assertThat(object.number("eps")).isEqualTo(1e-5);
    assertThat(object.number("group")).isEqualTo(2);
    assertThat(object.bool("ceil")).isFalse();
    assertThat(object.ints("pads")).containsExactly(0, 1);
    assertThat(object.longs("spans")).containsExactly(0, 5_000_000_000L);
    assertThat(object.strings("names")).containsExactly("a");
    assertThat(object.objects("nodes")).extracting(node -> node.integer("x")).containsExactly(1, 2);
    assertThat(object.object("sub").optional("y")).contains(new Json.Null());
    assertThat(object.optional("none")).isEmpty();
    assertThat(object.has("none")).isFalse();
  }

  @Test
  void readersReportTheLocationAndTheKey() {
    Json.Obj object = Json.parseObject("{\"op\":3,\"group\":1.5,\"pads\":[0,\"x\"],"
        + "\"nodes\":[{\"x\":1},{\"sub\":{}}],\"far\":1e999}", "m.json");
    assertThatThrownBy(() -> object.string("op")).hasMessage("m.json: 'op' must be a string, got the number 3");
    assertThatThrownBy(() -> object.string("name")).hasMessage("m.json: 'name' is missing");
    assertThatThrownBy(() -> object.integer("group"))
        .hasMessage("m.json: 'group': expected a 32-bit integer, got '1.5'");
    assertThatThrownBy(() -> object.ints("pads")).hasMessage("m.json: 'pads' must be an array of integers, got 'x'");
    assertThatThrownBy(() -> object.number("far")).hasMessageStartingWith("m.json: 'far': expected");
    assertThatThrownBy(() -> object.objects("nodes").get(1).object("sub").bool("z"))
        .hasMessage("m.json: nodes[1]: sub: 'z' is missing");
    assertThatThrownBy(() -> object.strings("nodes")).hasMessage("m.json: 'nodes' must be an array of strings, got an object");
    assertThatThrownBy(() -> Json.parseObject("[1]", "m.json")).hasMessage("m.json: expected a JSON object");
    assertThatThrownBy(() -> parse("[1 2]")).hasMessage("file: not valid JSON: expected ',' or ']' at character 4, got '2'");
    assertThatThrownBy(() -> parse("[1"))
        .hasMessage("file: not valid JSON: expected ',' or ']' at character 3, got the end of the text");
  }

  @Test
  void hostileTextStaysOneShortLineInAMessage() {
    Json.Obj object = Json.parseObject("{\"a\":\"\\n\\u001b[2J\u202e" + "x".repeat(1000) + "\"}", "file");
    assertThatThrownBy(() -> object.integer("a")).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("file: 'a' must be an integer, got '\\u000a\\u001b[2J\\u202exxx").message()
        .hasSizeLessThan(150);
  }

  @Test
  void randomValuesRoundTrip() {
    for (long seed = 0; seed < 2_000; seed++) {
      Json value = random(new SplittableRandom(seed), 0);
      String text = value.text();
      assertThat(parse(text)).as("seed %d", seed).isEqualTo(value);
      assertThat(parse(text).text()).as("seed %d", seed).isEqualTo(text);
    }
  }

  @Test
  void mutatedTextIsReadOrRefused() {
    String valid = "{\"__metadata__\":{\"a\":\"\\u00e9\\ud83d\\ude00\\n\"},"
        + "\"w\":{\"shape\":[1,2e3,-0.5],\"t\":[true,false,null,[],{}]}}";
    String alphabet = "{}[]\",:\\u0123456789abcdefntrs+-.eE \n\u0000\ud83d\ude00\u00e9";
    for (long seed = 0; seed < 20_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      StringBuilder text = new StringBuilder(valid);
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        int at = random.nextInt(text.length());
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, c);
          case 1 -> text.insert(at, c);
          default -> text.deleteCharAt(at);
        }
      }
      readOrRefuse(text.toString(), seed);
    }
    for (int end = 0; end < valid.length(); end++) {
      String prefix = valid.substring(0, end);
      assertThatThrownBy(() -> parse(prefix)).as(prefix).isInstanceOf(FoveaException.class);
    }
  }

  private static void readOrRefuse(String text, long seed) {
    Json read;
    try {
      read = parse(text);
    } catch (FoveaException e) {
      assertThat(e.getMessage()).as("seed %d", seed).startsWith("file: not valid JSON: ").doesNotContain("\n");
      return;
    } catch (RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + text, e);
    }
    assertThat(parse(read.text())).as("seed %d: %s", seed, text).isEqualTo(read);
  }

  private static Json random(SplittableRandom random, int depth) {
    int size = random.nextInt(4);
    return switch (random.nextInt(depth < 5 ? 7 : 5)) {
      case 0 -> new Json.Null();
      case 1 -> new Json.Bool(random.nextBoolean());
      case 2 -> Json.Num.of(random.nextLong() >> random.nextInt(64));
      case 3 -> Json.Num.of((random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-300, 300)));
      case 4 -> new Json.Str(string(random));
      case 5 -> {
        List<Json> items = new ArrayList<>();
        for (int i = 0; i < size; i++) {
          items.add(random(random, depth + 1));
        }
        yield new Json.Arr(items);
      }
      default -> {
        Map<String, Json> members = new LinkedHashMap<>();
        for (int i = 0; i < size; i++) {
          members.put(string(random), random(random, depth + 1));
        }
        yield new Json.Obj(members);
      }
    };
  }

  private static String string(SplittableRandom random) {
    int[] points = random.ints(random.nextInt(8), 0, 0x400).map(p -> p < 0x380 ? p : 0x10000 + p).toArray();
    return new String(points, 0, points.length);
  }
}

package dev.fovea.zoo.notation;

import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.notation.NotationStep.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** Recursive descent parser of the {@link Notation}, by the rules of docs/notation.md. Groups are expanded while parsing. */
final class NotationParser {
  private static final int MAX_STEPS = 10_000;
  private static final int MAX_DEPTH = 100;

  /** The maximum number of filters, units or groups, more than any network has. */
  private static final int MAX_CHANNELS = 1_000_000;

  private static final int MAX_SIZE = 1 << 15;
  private static final String ARROW = "->";
  private static final List<String> STEPS = Stream.concat(
      Stream.of("conv", "pool", "global", "adaptive", "fc", "dropout", "batchnorm", "lrn", "flatten", "maxout"),
      Arrays.stream(Activation.values()).map(Activation::spelling)).distinct().toList();

  private final NotationWords words;

  private NotationParser(String text) {
    this.words = new NotationWords(text);
  }

  /** The result: the input's shape if the text gives one, and the steps. */
  record Read(Optional<Shape> input, List<NotationStep> steps) {}

  static Read read(String text) {
    if (text.length() > Notation.MAX_CHARACTERS) {
      throw new FoveaException(
          "a notation of " + text.length() + " characters; more than " + Notation.MAX_CHARACTERS
              + " are refused: write repeated steps as a group, as in [conv 32 -> relu]*9");
    }
    return new NotationParser(text).network();
  }

  private Read network() {
    if (!words.take("input")) {
      throw words.unexpected("input at the beginning of a network");
    }
    Optional<Shape> input = words.isNumber() ? Optional.of(image()) : Optional.empty();
    arrow();
    List<NotationStep> steps = chain(0);
    if (!words.atEnd()) {
      throw words.unexpected("-> or the end");
    }
    if (steps.isEmpty()) {
      throw words.at(1, "the network has no step: each of its groups is repeated 0 times");
    }
    requireUnits(steps);
    return new Read(input, steps);
  }

  private void requireUnits(List<NotationStep> steps) {
    boolean last = true;
    for (NotationStep step : steps.reversed()) {
      if (step instanceof NotationStep.Fc fc) {
        if (!last && fc.units().isEmpty()) {
          throw words.at(fc.column(),
              "fc expects its units, as in fc 256: only the last fc may omit them, for the number of classes");
        }
        last = false;
      }
    }
  }

  private Shape image() {
    int column = words.column();
    int[] sizes = sizes("the input's channels, height and width, as in 1x28x28", 1, 3, 3);
    try {
      return Shape.of(sizes);
    } catch (FoveaException e) {
      throw words.at(column, String.valueOf(e.getMessage()));
    }
  }

  private void arrow() {
    if (!words.take(ARROW)) {
      throw words.unexpected(ARROW);
    }
  }

  private List<NotationStep> chain(int depth) {
    List<NotationStep> steps = new ArrayList<>();
    do {
      int column = words.column();
      if (words.take("[")) {
        repeat(column, group(depth + 1, column), steps);
      } else {
        repeat(column, new Group(List.of(step()), 1), steps);
      }
    } while (words.take(ARROW));
    return steps;
  }

  private record Group(List<NotationStep> body, int times) {}

  private Group group(int depth, int column) {
    if (depth > MAX_DEPTH) {
      throw words.at(column, "nested groups; more than " + MAX_DEPTH + " levels are refused");
    }
    List<NotationStep> body = chain(depth);
    if (!words.take("]")) {
      throw words.unexpected("-> or ]");
    }
    return new Group(body, words.take("*") ? integer("the number of repetitions of the group", 0, Integer.MAX_VALUE) : 1);
  }

  private void repeat(int column, Group group, List<NotationStep> to) {
    long count = to.size() + (long) group.body.size() * group.times;
    if (count > MAX_STEPS) {
      throw words.at(column, "expanded this is " + count + " steps; more than " + MAX_STEPS + " are refused");
    }
    for (int i = 0; i < group.times && !group.body.isEmpty(); i++) {
      to.addAll(group.body);
    }
  }

  private NotationStep step() {
    int column = words.column();
    if (!words.isName()) {
      throw words.unexpected("a step or a group");
    }
    String name = words.take();
    return switch (name) {
      case "conv" -> conv(column);
      case "pool" -> pool(column);
      case "global" -> new NotationStep.Adaptive(max(), 1, 1, column);
      case "adaptive" -> {
        boolean max = max();
        int[] size = pair("the size of the output map, as in 7x7", 1);
        yield new NotationStep.Adaptive(max, size[0], size[1], column);
      }
      case "fc" -> {
        OptionalInt units = words.isNumber() ? OptionalInt.of(integer("the units of fc", 1, MAX_CHANNELS)) : OptionalInt.empty();
        yield new NotationStep.Fc(units, settings("fc", List.of("no")).bias, column);
      }
      case "dropout" -> new NotationStep.Dropout(
          fraction("dropout's rate, from 0 up to, not including, 1", 1, NotationStep.DEFAULT_RATE), column);
      case "batchnorm" -> new NotationStep.BatchNorm(column);
      case "lrn" -> new NotationStep.Lrn(
          words.isNumber() ? integer("the channels that lrn sums over", 1, MAX_SIZE) : NotationStep.DEFAULT_LRN, column);
      case "flatten" -> new NotationStep.Flatten(column);
      case "maxout" -> new NotationStep.Maxout(
          words.isNumber() ? integer("the pieces of maxout", 1, MAX_SIZE) : Activation.MAXOUT.pieces(), column);
      default -> activation(name, column);
    };
  }

  private NotationStep activation(String name, int column) {
    if (name.equals(Activation.LEAKY_RELU.spelling())) {
      float slope = fraction("the slope of leaky-relu, 0 or more", Float.POSITIVE_INFINITY, NotationStep.DEFAULT_SLOPE);
      return slope == NotationStep.DEFAULT_SLOPE
          ? new NotationStep.Activate(Activation.LEAKY_RELU, column)
          : new NotationStep.LeakyRelu(slope, column);
    }
    return Arrays.stream(Activation.values())
        .filter(a -> a.spelling().equals(name))
        .findFirst()
        .<NotationStep>map(a -> new NotationStep.Activate(a, column))
        .orElseThrow(() -> words.at(column, unknown(name)));
  }

  private static String unknown(String name) {
    return switch (name) {
      case "softmax" -> "leave softmax out: it is part of the loss and of the prediction";
      case "input" -> "input is allowed only once, at the beginning";
      default -> "there is no step " + NotationWords.quoted(name) + ": " + Names.nearest(name, STEPS);
    };
  }

  private boolean max() {
    return !words.take("mean") && words.take("max");
  }

  private NotationStep conv(int column) {
    int filters = integer("the filters of conv, as in conv 32", 1, MAX_CHANNELS);
    Settings s = settings("conv", List.of("stride", "pad", "dilation", "groups", "no"));
    int[] size = s.size.length == 0 ? new int[] {3, 3} : s.size;
    int[] stride = s.stride.length == 0 ? new int[] {1, 1} : s.stride;
    Window w = window(size, stride, s);
    return new NotationStep.Conv(filters, s.same || s.pad.length == 0 ? NotationStep.same(w) : w, s.groups, s.bias, column);
  }

  private NotationStep pool(int column) {
    Optional<Pool.Kind> named = Arrays.stream(Pool.Kind.values()).filter(k -> k.spelling().equals(words.peek())).findFirst();
    named.ifPresent(_ -> words.take());
    Pool.Kind kind = named.orElse(Pool.Kind.MAX);
    Settings s = settings("pool", List.of("stride", "pad", "dilation", "ceil"), Pool.Kind.values());
    Window standard = kind.standard();
    int[] size = s.size.length == 0 ? new int[] {standard.kernelH(), standard.kernelW()} : s.size;
    int[] stride = s.stride.length == 0 ? new int[] {2, 2} : s.stride;
    Window w = window(size, stride, s);
    boolean border = s.pad.length > 0 || s.same || s.ceil;
    boolean same = s.same || kind == Pool.Kind.GAUSSIAN && s.pad.length == 0;
    boolean evened = kind != Pool.Kind.GAUSSIAN && !border && w.equals(standard);
    return new Pool(kind, same ? NotationStep.same(w) : w, evened, column);
  }

  private static Window window(int[] size, int[] stride, Settings s) {
    Window w = Window.of(size[0], size[1]).stride(stride[0], stride[1]).dilation(s.dilation[0], s.dilation[1]).ceil(s.ceil);
    return s.pad.length == 0 ? w : w.padding(s.pad[0], s.pad[1], s.pad[2], s.pad[3]);
  }

  /** The settings that may follow a step's name and number, in any order; an empty array: not given. */
  private static final class Settings {
    private int[] size = {};
    private int[] stride = {};
    private int[] pad = {};
    private int[] dilation = {1, 1};
    private boolean same;
    private boolean ceil;
    private boolean bias = true;
    private int groups = 1;
  }

  private Settings settings(String step, List<String> known, Pool.Kind... kinds) {
    Settings s = new Settings();
    Set<String> seen = new HashSet<>();
    while (words.isName() || words.isNumber() && known.contains("stride")) {
      int column = words.column();
      String name = words.isNumber() ? "size" : words.peek();
      if (!name.equals("size") && !known.contains(name)) {
        throw words.at(column, unknownSetting(step, name, known, kinds));
      }
      if (!seen.add(name)) {
        throw words.at(column, step + " has the setting " + (name.equals("no") ? "bias" : name) + " twice: give it once");
      }
      if (!name.equals("size")) {
        words.take();
      }
      set(s, name);
    }
    return s;
  }

  private void set(Settings s, String name) {
    switch (name) {
      case "size" -> s.size = pair("a window, as in 3x3", 1);
      case "stride" -> s.stride = pair("a stride, as in 2", 1);
      case "dilation" -> s.dilation = pair("a dilation, as in 2", 1);
      case "groups" -> s.groups = integer("a number of groups", 1, MAX_CHANNELS);
      case "ceil" -> s.ceil = true;
      case "no" -> {
        if (!words.take("bias")) {
          throw words.unexpected("bias, as in no bias");
        }
        s.bias = false;
      }
      default -> pad(s);
    }
  }

  private void pad(Settings s) {
    s.same = words.take("same");
    if (!s.same) {
      s.pad = words.take("valid") ? new int[4] : sides();
    }
  }

  /** {@code 2}, {@code 1x3} for height and width, or {@code 0,0,1,1} for top, left, bottom and right. */
  private int[] sides() {
    if (words.isNumber() && words.peek().contains(",")) {
      return integers("a padding at the top, left, bottom and right, as in 0,0,1,1", 0, 4, ",");
    }
    int[] pad = pair("a padding, as in 1, same or valid", 0);
    return new int[] {pad[0], pad[1], pad[0], pad[1]};
  }

  private static String unknownSetting(String step, String name, List<String> known, Pool.Kind... kinds) {
    if (STEPS.contains(name)) {
      return "expected -> before '" + name + "'";
    }
    Stream<String> spelled = known.stream().map(k -> k.equals("no") ? "no bias" : k);
    List<String> all = Stream.concat(Arrays.stream(kinds).map(Pool.Kind::spelling), spelled).toList();
    return step + " has no setting " + NotationWords.quoted(name) + ": " + Names.nearest(name, all);
  }

  private int[] pair(String expected, int min) {
    int[] sizes = sizes(expected, min, 1, 2);
    return sizes.length == 1 ? new int[] {sizes[0], sizes[0]} : sizes;
  }

  private int[] sizes(String expected, int min, int minCount, int max) {
    int parts = words.isNumber() ? words.peek().split("x", -1).length : 0;
    return integers(expected, min, Math.clamp(parts, minCount, max), "x");
  }

  /** This number of integers, separated by {@code between}, in one word. */
  private int[] integers(String expected, int min, int count, String between) {
    if (!words.isNumber()) {
      throw words.unexpected(expected);
    }
    String[] parts = words.peek().split(between, -1);
    int[] integers = Arrays.stream(parts).mapToInt(p -> number(p, min, MAX_SIZE)).toArray();
    if (parts.length != count || Arrays.stream(integers).anyMatch(n -> n < 0)) {
      throw words.unexpected(expected + ", each from " + min + " to " + MAX_SIZE);
    }
    words.take();
    return integers;
  }

  private int integer(String expected, int min, int max) {
    int number = words.isNumber() ? number(words.peek(), min, max) : -1;
    if (number < 0) {
      throw words.unexpected(expected + ", an integer from " + min + " to " + max);
    }
    words.take();
    return number;
  }

  /** -1 if it is not a number, or out of bounds. */
  private static int number(String digits, int min, int max) {
    if (!digits.matches("[0-9]{1,10}")) {
      return -1;
    }
    long number = Long.parseLong(digits);
    return number >= min && number <= max ? (int) number : -1;
  }

  private float fraction(String expected, float below, float standard) {
    if (!words.isNumber()) {
      return standard;
    }
    String digits = words.peek();
    float number = digits.matches("[0-9]*\\.?[0-9]+(e-?[0-9]{1,3})?") ? Float.parseFloat(digits) : -1;
    if (!(number >= 0 && number < below)) {
      throw words.unexpected(expected);
    }
    words.take();
    return number;
  }
}

package dev.fovea.augment;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Function;

/**
 * The steps by name, and their text: {@code name}, or {@code name(value,...,parameter=value,...)}. Parameters have an order and
 * names; those that are left out have their standard values.
 */
final class Steps {
  /** Longer texts are refused before they are read. */
  private static final int MAX_LENGTH = 2000;

  private static final Range UPRIGHT = Range.of(0);
  private static final Parameter PROBABILITY = new Parameter("probability", Range.of(0.5));

  private static final List<Kind> ALL = List.of(
      new Kind("flip", "flip(0.5)", a -> new Flip(a.number(0)), PROBABILITY),
      new Kind("vertical-flip", "vertical-flip(0.5)", a -> new VerticalFlip(a.number(0)), PROBABILITY),
      new Kind("crop", "crop(0.125)", a -> new Crop(a.number(0)), new Parameter("padding", Range.of(0.125))),
      new Kind("resized-crop", "resized-crop(0.08..1)", a -> new ResizedCrop(a.range(0), a.range(1)),
          new Parameter("area", ResizedCrop.STANDARD.area()), new Parameter("ratio", ResizedCrop.STANDARD.ratio())),
      new Kind("rotation", "rotation(15)", a -> new Rotation(a.number(0)), new Parameter("degrees", Range.of(15))),
      new Kind("affine", "affine(10,translate=0.1,scale=0.9..1.1,shear=5)",
          a -> new Affine(a.number(0), a.number(1), a.range(2), a.number(3)), new Parameter("degrees", UPRIGHT),
          new Parameter("translate", UPRIGHT), new Parameter("scale", Range.of(1)), new Parameter("shear", UPRIGHT)),
      new Kind("perspective", "perspective(0.5)", a -> new Perspective(a.number(0), a.number(1)),
          new Parameter("distortion", Range.of(0.5)), PROBABILITY),
      new Kind("color-jitter", "color-jitter(0.4,0.4,0.4,0.1)",
          a -> new ColorJitter(a.number(0), a.number(1), a.number(2), a.number(3)), new Parameter("brightness", UPRIGHT),
          new Parameter("contrast", UPRIGHT), new Parameter("saturation", UPRIGHT), new Parameter("hue", UPRIGHT)),
      new Kind("grayscale", "grayscale(0.1)", a -> new Grayscale(a.number(0)), new Parameter("probability", Range.of(0.1))),
      new Kind("blur", "blur(0.1..2)", a -> new GaussianBlur(a.range(0), a.number(1)),
          new Parameter("std", new Range(0.1, 2)), PROBABILITY),
      new Kind("pca", "pca(0.1)", a -> new PcaNoise(a.number(0)), new Parameter("std", Range.of(0.1))),
      new Kind("erasing", "erasing(0.5)", a -> new Erasing(a.number(0), a.range(1), a.range(2)), PROBABILITY,
          new Parameter("area", Erasing.STANDARD.area()), new Parameter("ratio", Erasing.STANDARD.ratio())),
      new Kind("randaugment", "randaugment(2,9)", a -> new RandAugment(a.integer(0), a.integer(1)),
          new Parameter("operations", Range.of(2)), new Parameter("magnitude", Range.of(9))),
      new Kind("trivialaugment", "trivialaugment", a -> new TrivialAugment()),
      new Kind("mixup", "mixup(0.2)", a -> new Mixup(a.number(0)), new Parameter("alpha", Range.of(0.2))),
      new Kind("cutmix", "cutmix(1)", a -> new CutMix(a.number(0)), new Parameter("alpha", Range.of(1))));

  private Steps() {}

  /** A parameter and its standard value. */
  private record Parameter(String name, Range standard) {}

  /** A step's name, how it may be written, how it is made, and its parameters. */
  private record Kind(String name, String example, Function<Arguments, Step> make, List<Parameter> parameters) {
    Kind(String name, String example, Function<Arguments, Step> make, Parameter... parameters) {
      this(name, example, make, List.of(parameters));
    }

    FoveaException refused(String why) {
      return new FoveaException("augmentation: " + name + ": " + why + "; write it as in " + example);
    }

    int index(String parameter) {
      List<String> names = parameters.stream().map(Parameter::name).toList();
      if (!names.contains(parameter)) {
        throw refused("has no " + quoted(parameter) + (names.isEmpty() ? "" : ": " + Names.nearest(parameter, names)));
      }
      return names.indexOf(parameter);
    }
  }

  /** The values of a step's parameters. */
  private record Arguments(Kind kind, List<Range> values) {
    Range range(int index) {
      return values.get(index);
    }

    double number(int index) {
      if (!values.get(index).isNumber()) {
        throw kind.refused("expected one number for " + kind.parameters.get(index).name + ", got " + values.get(index));
      }
      return values.get(index).low();
    }

    int integer(int index) {
      double value = number(index);
      if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
        throw kind.refused("expected a whole number for " + kind.parameters.get(index).name + ", got " + values.get(index));
      }
      return (int) value;
    }
  }

  static List<String> names() {
    return ALL.stream().map(Kind::name).toList();
  }

  /** How each may be written, in the order of {@link #names}. */
  static List<String> examples() {
    return ALL.stream().map(Kind::example).toList();
  }

  private static Kind kind(String name) {
    return ALL.stream().filter(kind -> kind.name.equals(name)).findFirst()
        .orElseThrow(() -> new FoveaException("there is no augmentation " + quoted(name) + ": " + Names.nearest(name, names())
            + "; separate steps by commas, as in flip,crop"));
  }

  // ---- From text

  /** Steps separated by commas. */
  static List<Step> parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new FoveaException("augmentation: expected steps as in flip,crop, at most " + MAX_LENGTH + " characters, got "
          + text.length());
    }
    List<Step> steps = new ArrayList<>();
    for (String part : parts(text)) {
      steps.add(step(part.strip()));
    }
    return steps;
  }

  /** Split at the commas that are not in parentheses. */
  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth < 0 || depth > 1) {
        throw unbalanced(text.substring(from));
      }
      if (c == ',' && depth == 0) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    if (depth != 0) {
      throw unbalanced(text.substring(from));
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static FoveaException unbalanced(String part) {
    return new FoveaException("augmentation: expected a pair of parentheses around the values of a step, as in rotation(15), got "
        + quoted(part.strip()));
  }

  private static Step step(String text) {
    int open = text.indexOf('(');
    Kind kind = kind(open < 0 ? text : text.substring(0, open).strip());
    List<Range> values = new ArrayList<>(kind.parameters.stream().map(Parameter::standard).toList());
    if (open >= 0) {
      if (text.indexOf(')') != text.length() - 1) {
        throw kind.refused("expected a comma after it, got " + quoted(text.substring(text.indexOf(')') + 1).strip()));
      }
      read(kind, text.substring(open + 1, text.length() - 1).split(",", -1), values);
    }
    return kind.make.apply(new Arguments(kind, values));
  }

  private static void read(Kind kind, String[] arguments, List<Range> values) {
    boolean[] given = new boolean[values.size()];
    for (int i = 0; i < arguments.length; i++) {
      int equals = arguments[i].indexOf('=');
      int index = equals < 0 ? i : kind.index(arguments[i].substring(0, equals).strip());
      if (index >= given.length || given[index] || equals < 0 && named(arguments, i)) {
        throw kind.refused("expected at most " + given.length + (given.length == 1 ? " value" : " values")
            + ", each once, those with a name last, got " + quoted(String.join(",", arguments)));
      }
      given[index] = true;
      try {
        values.set(index, Range.parse(arguments[i].substring(equals + 1).strip()));
      } catch (FoveaException e) {
        throw kind.refused(String.valueOf(e.getMessage()));
      }
    }
  }

  /** Whether one of the arguments before has a name. */
  private static boolean named(String[] arguments, int end) {
    return Arrays.stream(arguments, 0, end).anyMatch(argument -> argument.contains("="));
  }

  // ---- To text

  /** A step as text, without standard values; {@code values} are its parameters in their order. */
  static String text(Step step, Range... values) {
    List<Parameter> parameters = kind(step.name()).parameters;
    StringJoiner arguments = new StringJoiner(",", "(", ")").setEmptyValue("");
    boolean inOrder = true;
    for (int i = 0; i < values.length; i++) {
      if (values[i].equals(parameters.get(i).standard)) {
        inOrder = false;
      } else {
        arguments.add((inOrder ? "" : parameters.get(i).name + "=") + values[i]);
      }
    }
    return step.name() + arguments;
  }

  // ---- Checks

  /** Refuses a parameter's value outside of {@code min} to {@code max}. */
  static void require(String step, String parameter, Range value, double min, double max) {
    if (value.low() < min || value.high() > max) {
      throw kind(step).refused("expected " + parameter + " from " + new Range(min, max) + ", got " + value);
    }
  }

  static void require(String step, String parameter, double value, double min, double max) {
    if (!Double.isFinite(value)) {
      throw kind(step).refused("expected " + parameter + " from " + new Range(min, max) + ", got " + value);
    }
    require(step, parameter, Range.of(value), min, max);
  }

  /** Refuses a step whose values are such that it would change nothing. */
  static void requireChange(String step, boolean changes) {
    if (!changes) {
      throw kind(step).refused("changes nothing with these values");
    }
  }

  /** Text of unknown origin in a message. */
  static String quoted(String text) {
    return Quote.quote(text);
  }
}

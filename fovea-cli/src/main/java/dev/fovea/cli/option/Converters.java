package dev.fovea.cli.option;

import dev.fovea.augment.Augmentation;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Sampling;
import dev.fovea.data.Split;
import dev.fovea.data.download.Cache;
import dev.fovea.explain.attack.Attack;
import dev.fovea.explain.relevance.Lrp;
import dev.fovea.graph.Precision;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.layer.Activation;
import dev.fovea.model.Task;
import dev.fovea.optim.Optimizer;
import dev.fovea.pretrained.PretrainedNetwork;
import dev.fovea.pretrained.PretrainedRegistry;
import dev.fovea.run.RunConfig;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import dev.fovea.train.ClassWeights;
import dev.fovea.train.Loss;
import dev.fovea.tune.Search;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Convert an option's text to its value. Errors say "expected ..., got ...". */
public final class Converters {
  private static final Pattern INTEGER = Pattern.compile("[-+]?\\d+");
  private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

  private Converters() {}

  /** A number of things: 1 or more. */
  public static final class Count implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return (int) integer(text, 1, Integer.MAX_VALUE);
    }
  }

  /** A number of one of several things, from 0. */
  public static final class Index implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return (int) integer(text, 0, Integer.MAX_VALUE);
    }
  }

  /** A number of steps, which may exceed an int. */
  public static final class LongCount implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return integer(text, 1, Long.MAX_VALUE);
    }
  }

  public static final class Threads implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return (int) integer(text, 1, 1024);
    }
  }

  public static final class Repeats implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return (int) integer(text, 1, 1000);
    }
  }

  /** Of trials, or of one of them that goes on. */
  public static final class TwoOrMore implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return (int) integer(text, 2, 1000);
    }
  }

  public static final class Seed implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return integer(text, Long.MIN_VALUE, Long.MAX_VALUE);
    }
  }

  public static final class Positive implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, "a number above 0", v -> v > 0);
    }
  }

  /** {@code balanced}, or a number for each class. */
  static final class Weights implements ITypeConverter<ClassWeights> {
    @Override
    public ClassWeights convert(String text) {
      if (text.equals(ClassWeights.BALANCED.toString())) {
        return ClassWeights.BALANCED;
      }
      NonNegative weight = new NonNegative();
      return converted(() -> new ClassWeights(false, Arrays.stream(text.split(",", -1)).map(weight::convert).toList()));
    }
  }

  static final class SamplingName implements ITypeConverter<Sampling> {
    @Override
    public Sampling convert(String text) {
      return choice(text, List.of(Sampling.values()), Sampling::toString);
    }
  }

  /** What the columns of a CSV file are read as. */
  static final class TaskKind implements ITypeConverter<Task.Kind> {
    @Override
    public Task.Kind convert(String text) {
      return choice(text, Choices.TASKS, Choices::spelling);
    }
  }

  static final class Real implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, "a number", _ -> true);
    }
  }

  /** What weight decay applies to. */
  static final class Decayed implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return choice(text, List.of("all", "matrices"), name -> name);
    }
  }

  /** The order of an image's channels. */
  static final class Order implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return choice(text, List.of("rgb", CardOptions.BGR), name -> name);
    }
  }

  static final class NonNegative implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, "a number, 0 or more", v -> v >= 0);
    }
  }

  static final class BelowOne implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, "a number from 0 up to, not including, 1", v -> v >= 0 && v < 1);
    }
  }

  /** {@code 3x224x224}. */
  public static final class Image implements ITypeConverter<Shape> {
    @Override
    public Shape convert(String text) {
      Shape shape = converted(() -> Shape.parse(text));
      if (shape.rank() != 3) {
        throw new TypeConversionException("expected channels x height x width, as in 3x224x224, got " + quoted(text));
      }
      return shape;
    }
  }

  public static final class Data implements ITypeConverter<DataSpec> {
    @Override
    public DataSpec convert(String text) {
      return converted(() -> DataSpec.parse(text));
    }
  }

  public static final class Augment implements ITypeConverter<Augmentation> {
    @Override
    public Augmentation convert(String text) {
      return converted(() -> Augmentation.parse(text));
    }
  }

  public static final class NetworkName implements ITypeConverter<Network> {
    @Override
    public Network convert(String text) {
      return converted(() -> Zoo.find(text));
    }
  }

  public static final class File implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
      try {
        if (!text.isEmpty()) {
          return Path.of(text);
        }
      } catch (InvalidPathException e) {
        // The message below holds for both.
      }
      throw new TypeConversionException("expected the name of a file or folder, got " + quoted(text));
    }
  }

  /** A network of the registry. */
  public static final class PretrainedName implements ITypeConverter<PretrainedNetwork> {
    @Override
    public PretrainedNetwork convert(String text) {
      return converted(() -> PretrainedRegistry.in(Cache.folder()).find(text));
    }
  }

  static final class Pool implements ITypeConverter<Pooling> {
    @Override
    public Pooling convert(String text) {
      return choice(text, List.of(Pooling.values()), Choices::spelling);
    }
  }

  static final class ActivationName implements ITypeConverter<Activation> {
    @Override
    public Activation convert(String text) {
      return choice(text, List.of(Activation.values()), Activation::spelling);
    }
  }

  static final class OptimizerName implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return choice(text, Optimizer.names(), name -> name);
    }
  }

  static final class LossName implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return choice(text, Loss.names(), name -> name);
    }
  }

  static final class ScheduleName implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return choice(text, RunConfig.schedules(), name -> name);
    }
  }

  static final class PrecisionName implements ITypeConverter<Precision> {
    @Override
    public Precision convert(String text) {
      return choice(text, List.of(Precision.values()), Precision::spelling);
    }
  }

  static final class LrpRule implements ITypeConverter<Lrp.Rule> {
    @Override
    public Lrp.Rule convert(String text) {
      return choice(text, List.of(Lrp.Rule.values()), Lrp.Rule::spelling);
    }
  }

  public static final class AttackMethod implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return choice(text, Choices.AttackMethods.ALL, name -> name);
    }
  }

  public static final class AttackNorm implements ITypeConverter<Attack.Norm> {
    @Override
    public Attack.Norm convert(String text) {
      return choice(text, List.of(Attack.Norm.values()), Attack.Norm::spelling);
    }
  }

  public static final class Part implements ITypeConverter<Split.Part> {
    @Override
    public Split.Part convert(String text) {
      return choice(text, List.of(Split.Part.values()), Split.Part::spelling);
    }
  }

  public static final class Views implements ITypeConverter<TestTimeAugmentation> {
    @Override
    public TestTimeAugmentation convert(String text) {
      return choice(text, List.of(TestTimeAugmentation.values()), TestTimeAugmentation::spelling);
    }
  }

  public static final class SearchName implements ITypeConverter<Search> {
    @Override
    public Search convert(String text) {
      return choice(text, List.of(Search.values()), Search::spelling);
    }
  }

  public static final class Mode implements ITypeConverter<BenchMode> {
    @Override
    public BenchMode convert(String text) {
      return choice(text, List.of(BenchMode.values()), BenchMode::spelling);
    }
  }

  private static <T> T choice(String text, List<T> values, Function<T, String> spelling) {
    return values.stream()
        .filter(value -> spelling.apply(value).equals(text.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> new TypeConversionException(
            "there is no " + quoted(text) + ": " + Names.nearest(text, values.stream().map(spelling).toList())));
  }

  private static long integer(String text, long min, long max) {
    boolean open = max == Long.MAX_VALUE || max == Integer.MAX_VALUE;
    String expected = open
        ? min == Long.MIN_VALUE ? "a 64-bit integer" : "an integer, " + min + " or more"
        : "an integer from " + min + " to " + max;
    if (INTEGER.matcher(text).matches() && text.length() < 40) {
      BigInteger value = new BigInteger(text);
      if (value.compareTo(BigInteger.valueOf(min)) >= 0 && value.compareTo(BigInteger.valueOf(max)) <= 0) {
        return value.longValueExact();
      }
      expected += open && value.signum() > 0 && min != Long.MIN_VALUE ? ", at most " + max : "";
    }
    throw new TypeConversionException("expected " + expected + ", got " + quoted(text));
  }

  private static double number(String text, String expected, DoublePredicate valid) {
    if (NUMBER.matcher(text).matches()) {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value) && valid.test(value)) {
        return value;
      }
    }
    throw new TypeConversionException("expected " + expected + ", got " + quoted(text));
  }

  /** A number without quotes, anything else in quotes. */
  private static String quoted(String text) {
    return NUMBER.matcher(text).matches() ? text : "'" + text + "'";
  }

  @FunctionalInterface
  private interface Conversion<T> {
    T value();
  }

  private static <T> T converted(Conversion<T> conversion) {
    try {
      return conversion.value();
    } catch (FoveaException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}

package dev.fovea.cli.option;

import dev.fovea.data.Sampling;
import dev.fovea.data.Split;
import dev.fovea.explain.attack.Attack;
import dev.fovea.explain.relevance.Lrp;
import dev.fovea.graph.Precision;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.layer.Activation;
import dev.fovea.model.Task;
import dev.fovea.optim.Optimizer;
import dev.fovea.run.RunConfig;
import dev.fovea.train.Loss;
import dev.fovea.tune.Search;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** The values that help and shell completion offer for an option. */
public final class Choices {
  private Choices() {}

  /** What the columns of a CSV file may be read as. */
  static final List<Task.Kind> TASKS = List.of(Task.Kind.LABEL, Task.Kind.LABELS, Task.Kind.NUMBERS);

  static String spelling(Task.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  static String spelling(Pooling pooling) {
    return pooling.name().toLowerCase(Locale.ROOT);
  }

  public static final class Networks implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Zoo.networks().stream().map(Network::name).iterator();
    }
  }

  static final class Pools implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Pooling.values()).map(Choices::spelling).iterator();
    }
  }

  static final class Activations implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Activation.values()).map(Activation::spelling).iterator();
    }
  }

  static final class Optimizers implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Optimizer.names().iterator();
    }
  }

  static final class LossNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Loss.names().iterator();
    }
  }

  static final class Samplings implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Sampling.names().iterator();
    }
  }

  static final class Tasks implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return TASKS.stream().map(Choices::spelling).iterator();
    }
  }

  static final class Schedules implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return RunConfig.schedules().iterator();
    }
  }

  static final class Precisions implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Precision.values()).map(Precision::spelling).iterator();
    }
  }

  /** Of attacks; {@link Converters.AttackMethod}. */
  public static final class AttackMethods implements Iterable<String> {
    static final List<String> ALL = List.of("fgsm", "pgd");

    @Override
    public Iterator<String> iterator() {
      return ALL.iterator();
    }
  }

  public static final class AttackNorms implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Attack.Norm.values()).map(Attack.Norm::spelling).iterator();
    }
  }

  static final class LrpRules implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Lrp.Rule.values()).map(Lrp.Rule::spelling).iterator();
    }
  }

  public static final class Parts implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Split.Part.values()).map(Split.Part::spelling).iterator();
    }
  }

  static final class AllViews implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(TestTimeAugmentation.values()).map(TestTimeAugmentation::spelling).iterator();
    }
  }

  public static final class Searches implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Search.values()).map(Search::spelling).iterator();
    }
  }

  public static final class Modes implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(BenchMode.values()).map(BenchMode::spelling).iterator();
    }
  }
}

package dev.fovea.model;

import dev.fovea.tensor.FoveaException;
import java.util.List;

/** What is to be told about an image: the meaning of a model's main output, and of the targets of a data set. */
public sealed interface Task {
  /** The kinds of tasks. */
  enum Kind {
    /** Nothing is known about the outputs. */
    NONE("nothing known"),
    /** One class. */
    LABEL("one label"),
    /** Any number of classes. */
    LABELS("several labels"),
    /** Numbers. */
    NUMBERS("numbers");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Nothing is known about the outputs. */
  record None() implements Task {
    @Override
    public Kind kind() {
      return Kind.NONE;
    }

    @Override
    public List<String> names() {
      return List.of();
    }
  }

  /**
   * The one class of each image or, if the output is a map, of each pixel. The output holds a logit for each class, or for two
   * classes one; softmax or sigmoid make them probabilities.
   */
  record OneLabel(List<String> classes) implements Task {
    public OneLabel {
      classes = List.copyOf(classes);
    }

    @Override
    public Kind kind() {
      return Kind.LABEL;
    }

    @Override
    public List<String> names() {
      return classes;
    }
  }

  /** The classes of each image, none or several. The output holds a logit for each, whose sigmoid is the class's probability. */
  record SeveralLabels(List<String> classes) implements Task {
    public SeveralLabels {
      classes = List.copyOf(classes);
    }

    @Override
    public Kind kind() {
      return Kind.LABELS;
    }

    @Override
    public List<String> names() {
      return classes;
    }
  }

  /** Numbers (regression). The output holds each number in standardised form. */
  record Numbers(List<Quantity> quantities) implements Task {
    public Numbers {
      quantities = List.copyOf(quantities);
      if (quantities.stream().map(Quantity::name).distinct().count() < quantities.size()) {
        throw new FoveaException("expected numbers of different names, got " + quantities.stream().map(Quantity::name).toList());
      }
    }

    @Override
    public Kind kind() {
      return Kind.NUMBERS;
    }

    @Override
    public List<String> names() {
      return quantities.stream().map(Quantity::name).toList();
    }
  }

  /**
   * A number in the user's units.
   *
   * @param mean of the training images
   * @param std the standard deviation of the training images, above 0
   */
  record Quantity(String name, double mean, double std) {
    public Quantity {
      if (!Double.isFinite(mean) || !(std > 0 && std < Double.POSITIVE_INFINITY)) {
        throw new FoveaException("the number '" + name
            + "' needs a finite mean and a standard deviation above 0, got " + mean + " and " + std);
      }
    }

    /** The value with mean 0 and standard deviation 1, as networks are trained on. */
    public double standardised(double value) {
      return (value - mean) / std;
    }

    /** The value in the user's units. */
    public double value(double standardised) {
      return standardised * std + mean;
    }
  }

  Kind kind();

  /** The names of the classes in label order, or of the numbers. */
  List<String> names();

  /** The number of classes or numbers. */
  default int size() {
    return names().size();
  }

  default boolean isKnown() {
    return kind() != Kind.NONE;
  }
}

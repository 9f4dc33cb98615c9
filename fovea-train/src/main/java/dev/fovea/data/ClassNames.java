package dev.fovea.data;

import java.util.List;
import java.util.stream.IntStream;

/** The classes of the data sets whose files do not name them. */
final class ClassNames {
  static final List<String> DIGITS = numbers(10);

  /** The names and their order as Xiao, Rasul and Vollgraf give them (Fashion-MNIST, 2017, table 2). */
  static final List<String> FASHION =
      List.of("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

  static final List<String> CIFAR10 =
      List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private ClassNames() {}

  static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }
}

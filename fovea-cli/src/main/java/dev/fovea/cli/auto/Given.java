package dev.fovea.cli.auto;

import dev.fovea.tensor.Shape;
import java.util.Optional;
import java.util.Set;

/**
 * The options that are given, which stay as they are.
 *
 * @param options the names of all
 * @param input the value of {@code input}
 * @param batch the value of {@code batch-size}
 */
public record Given(Set<String> options, Optional<Shape> input, Optional<Integer> batch) {
  public Given {
    options = Set.copyOf(options);
  }

  boolean has(String option) {
    return options.contains(option);
  }
}

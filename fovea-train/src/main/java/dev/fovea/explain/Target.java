package dev.fovea.explain;

/** What of a network's output is explained. */
public sealed interface Target {
  /** The class with the highest score; of several outputs the first, of numbers the first. */
  Target HIGHEST = new Highest();

  record Highest() implements Target {}

  /** The class or number of that index. */
  record Index(int index) implements Target {}

  /** The class or number of that name. */
  record Name(String name) implements Target {}
}

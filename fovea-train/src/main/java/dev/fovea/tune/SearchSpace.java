package dev.fovea.tune;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The options that are searched, each with the values it may have. */
public record SearchSpace(List<Dimension> dimensions) {
  /** In this number of draws per trial a space without new points counts as used up. */
  private static final int DRAWS = 1000;

  public SearchSpace {
    dimensions = List.copyOf(dimensions);
    Set<String> names = new LinkedHashSet<>();
    for (Dimension dimension : dimensions) {
      if (!names.add(dimension.name())) {
        throw new FoveaException(dimension.name() + ": is given twice: give it once, with all of its values");
      }
    }
    if (dimensions.isEmpty()) {
      throw new FoveaException("a search space needs one option or more, as in lr=0.001..0.1");
    }
  }

  /**
   * One text per dimension, see {@link Dimension#parse}.
   *
   * @throws FoveaException if a text is invalid, or an option given twice
   */
  public static SearchSpace parse(List<String> texts) {
    return new SearchSpace(texts.stream().map(Dimension::parse).toList());
  }

  /** The names of the options. */
  public List<String> names() {
    return dimensions.stream().map(Dimension::name).toList();
  }

  /**
   * The settings of each trial: option and value. They are a function of space, search, seed and the trial's number alone. No two
   * are equal: a point of the sequence that has been drawn before is left out.
   *
   * @throws FoveaException if the space has fewer points
   */
  public List<Map<String, String>> trials(Search search, long seed, int count) {
    Set<Map<String, String>> trials = new LinkedHashSet<>();
    for (long index = 0; trials.size() < count; index++) {
      if (index >= (long) count * DRAWS || trials.size() >= size()) {
        throw new FoveaException("the search space has " + trials.size() + " combinations of values, fewer than " + count
            + " trials: ask for fewer, or compare them all with fovea compare");
      }
      Map<String, String> settings = new LinkedHashMap<>();
      for (int d = 0; d < dimensions.size(); d++) {
        settings.put(dimensions.get(d).name(), dimensions.get(d).at(search.share(seed, index, d)));
      }
      trials.add(settings);
    }
    return new ArrayList<>(trials);
  }

  private long size() {
    long size = 1;
    for (Dimension dimension : dimensions) {
      long count = dimension.count();
      size = count > Long.MAX_VALUE / size ? Long.MAX_VALUE : size * count;
    }
    return size;
  }

  /** As {@link #parse} reads them. */
  public List<String> texts() {
    return dimensions.stream().map(Dimension::toString).toList();
  }
}

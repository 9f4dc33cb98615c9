package dev.fovea.tune;

import dev.fovea.tensor.Rng;
import java.util.Locale;

/** How the points of a search space are chosen. Each is a function of the seed and its index. */
public enum Search {
  /** A sequence that fills the space evenly, {@link Halton}. */
  HALTON {
    @Override
    double share(long seed, long index, int dimension) {
      return Halton.scrambled(Rng.of(seed).at("halton"), index, dimension);
    }
  },

  /** Independent and uniform: Bergstra and Bengio 2012 (Random search for hyper-parameter optimization). */
  RANDOM {
    @Override
    double share(long seed, long index, int dimension) {
      return Rng.of(seed).at("random search").at(index).uniform(dimension);
    }
  };

  /** The coordinate of a point in a dimension, from 0 up to, not including, 1; dimensions count from 0. */
  abstract double share(long seed, long index, int dimension);

  /** In lower case, as on the command line. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }
}

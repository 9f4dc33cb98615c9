package dev.fovea.cpu.vector;

import dev.fovea.cpu.Layout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The machine's vectors: as wide as it has them, at most a block of images. */
final class Lanes {
  static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() > Layout.BLOCK ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;

  /** Floats in a vector. */
  static final int COUNT = SPECIES.length();

  private Lanes() {}

  static FloatVector load(float[] array, int at) {
    return FloatVector.fromArray(SPECIES, array, at);
  }

  static FloatVector all(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}

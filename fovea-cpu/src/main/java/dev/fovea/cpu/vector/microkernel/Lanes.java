package dev.fovea.cpu.vector.microkernel;

import dev.fovea.cpu.kernel.Layout;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The machine's vectors: the widest that it has, up to a block of 16 floats. */
public final class Lanes {
  public static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() > Layout.BLOCK ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;

  /** Doubles in vectors of the same number of bits. */
  private static final VectorSpecies<Double> DOUBLES = SPECIES.withLanes(double.class);

  /** Floats in a vector. */
  public static final int COUNT = SPECIES.length();

  private Lanes() {}

  public static FloatVector load(float[] array, int at) {
    return FloatVector.fromArray(SPECIES, array, at);
  }

  public static FloatVector broadcast(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  /** Adds the lanes of a vector to as many doubles. */
  public static void addTo(double[] sums, int at, FloatVector values) {
    for (int half = 0; half < 2; half++) {
      int position = at + half * DOUBLES.length();
      DoubleVector more = (DoubleVector) values.convertShape(VectorOperators.F2D, DOUBLES, half);
      DoubleVector.fromArray(DOUBLES, sums, position).add(more).intoArray(sums, position);
    }
  }

  /**
   * {@link dev.fovea.cpu.kernel.PartialSums#tree} on sixteen arrays of partial sums, one after the other from {@code at} on. All
   * arrays from number {@code used} on are zero. The first becomes the sum.
   */
  public static void tree(float[] partial, int at, int size, int used) {
    int left = used;
    for (int half = Layout.BLOCK / 2; half > 0; half /= 2) {
      for (int k = 0; k + half < left; k++) {
        for (int i = at + k * size; i < at + (k + 1) * size; i += COUNT) {
          load(partial, i).add(load(partial, i + half * size)).intoArray(partial, i);
        }
      }
      left = Math.min(left, half);
    }
    if (used < Layout.BLOCK) {
      // adding the zeros that are skipped would have made a negative zero positive
      for (int i = at; i < at + size; i += COUNT) {
        load(partial, i).add(0).intoArray(partial, i);
      }
    }
  }
}

package dev.fovea.augment;

import dev.fovea.data.Sample;
import dev.fovea.tensor.Rng;

/**
 * A random transform of an image, with its label map if it has one. Changes of geometry change the label map in the same way, without
 * interpolation, and what lies outside the image becomes {@link dev.fovea.image.LabelMap#VOID}; changes of colour leave it as it is.
 *
 * <p>Implementations are immutable, called from many threads, and write to no array that they are given: the result is a function
 * of the arguments.
 */
public non-sealed interface Transform extends Step {
  /** Transforms an image with the random numbers of that key. */
  Sample apply(Sample sample, Canvas canvas, Rng random);

  /** Whether the result has the canvas's size whatever the image's is, so that images are not cropped before. */
  default boolean resizes() {
    return false;
  }
}

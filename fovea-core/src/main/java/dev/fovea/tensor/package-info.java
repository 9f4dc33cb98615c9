/** Shapes, tensors, random numbers and the one exception users meet: what every other package stands on. */
@NullMarked
package dev.fovea.tensor;

import org.jspecify.annotations.NullMarked;

/** Shapes, tensors, random numbers and the exception for user errors: the base of every other package. */
@NullMarked
package dev.fovea.tensor;

import org.jspecify.annotations.NullMarked;

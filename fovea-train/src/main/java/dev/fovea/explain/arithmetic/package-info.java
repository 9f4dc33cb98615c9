/** Every number of a network: what it was computed of, forward and backward. */
@NullMarked
package dev.fovea.explain.arithmetic;

import org.jspecify.annotations.NullMarked;

/**
 * Kernels that work element by element or plane by plane, and serve both layouts: activations, pooling, normalisation, resizing,
 * copies.
 */
@NullMarked
package dev.fovea.cpu.vector.plane;

import org.jspecify.annotations.NullMarked;

/**
 * Convolutions, their weight gradients and broadcasts with 16 images in the vector lanes, for small networks at large batch sizes.
 */
@NullMarked
package dev.fovea.cpu.vector.nchw16n;

import org.jspecify.annotations.NullMarked;

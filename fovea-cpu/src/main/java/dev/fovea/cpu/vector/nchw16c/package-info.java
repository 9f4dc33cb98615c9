/** Convolutions, their weight gradients and broadcasts with 16 channels in the vector lanes: oneDNN's layout nChw16c. */
@NullMarked
package dev.fovea.cpu.vector.nchw16c;

import org.jspecify.annotations.NullMarked;

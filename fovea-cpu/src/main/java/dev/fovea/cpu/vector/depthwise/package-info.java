/** Depthwise convolution, forward, backward and to its weights, with 16 channels in the vector lanes. */
@NullMarked
package dev.fovea.cpu.vector.depthwise;

import org.jspecify.annotations.NullMarked;

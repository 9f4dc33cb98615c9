/** Depthwise convolution, forward, backward and weight gradients, with 16 channels in the vector lanes. */
@NullMarked
package dev.fovea.cpu.vector.depthwise;

import org.jspecify.annotations.NullMarked;

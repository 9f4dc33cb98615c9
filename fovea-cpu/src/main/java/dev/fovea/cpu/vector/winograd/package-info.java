/** Winograd's convolution F(4x4, 3x3), forward, backward and weight gradients, with 16 channels in the vector lanes. */
@NullMarked
package dev.fovea.cpu.vector.winograd;

import org.jspecify.annotations.NullMarked;

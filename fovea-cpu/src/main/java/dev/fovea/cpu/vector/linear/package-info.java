/** The matrix products of fully connected layers: forward, backward and weight gradients. */
@NullMarked
package dev.fovea.cpu.vector.linear;

import org.jspecify.annotations.NullMarked;

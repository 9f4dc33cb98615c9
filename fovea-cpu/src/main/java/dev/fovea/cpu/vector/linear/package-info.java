/** The matrix products of fully connected layers: forward, backward and to their weights. */
@NullMarked
package dev.fovea.cpu.vector.linear;

import org.jspecify.annotations.NullMarked;

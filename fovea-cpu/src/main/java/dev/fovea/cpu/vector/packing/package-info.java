/**
 * Brings weights into the order in which micro-kernels read them, and weight gradients back; windows and filters split into tiles.
 */
@NullMarked
package dev.fovea.cpu.vector.packing;

import org.jspecify.annotations.NullMarked;

/**
 * Packs weights in the order in which micro-kernels read them, and unpacks weight gradients; splits windows and filters into tiles.
 */
@NullMarked
package dev.fovea.cpu.vector.packing;

import org.jspecify.annotations.NullMarked;

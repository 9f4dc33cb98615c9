/**
 * What the scalar and the vector kernels share: the interfaces of a kernel and its epilogue, the layouts of tensors, the geometry
 * of windows, and the arithmetic that both must have in common to give the same bits.
 */
@NullMarked
package dev.fovea.cpu.kernel;

import org.jspecify.annotations.NullMarked;

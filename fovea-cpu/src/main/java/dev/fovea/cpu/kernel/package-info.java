/**
 * What kernels are made of, scalar and vector: the interfaces of a kernel and its epilogue, the layouts of tensors, the geometry of
 * windows, and the arithmetic that both must share to give the same bits.
 */
@NullMarked
package dev.fovea.cpu.kernel;

import org.jspecify.annotations.NullMarked;

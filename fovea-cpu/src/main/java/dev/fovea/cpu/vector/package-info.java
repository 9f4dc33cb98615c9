/**
 * Kernels in Java's Vector API, and the only packages that may use the incubating module.
 * {@link dev.fovea.cpu.vector.VectorKernels} is the table of operators. The kernels are in packages by what they compute and the
 * layout that they read: {@code nchw16c} (channels in the vector lanes), {@code nchw16n} (images in the vector lanes),
 * {@code depthwise}, {@code winograd}, {@code linear}, and {@code plane} for what works in both layouts. Below them are
 * {@code packing} (weights in the order in which kernels read them) and {@code microkernel} (the innermost loops).
 */
@NullMarked
package dev.fovea.cpu.vector;

import org.jspecify.annotations.NullMarked;

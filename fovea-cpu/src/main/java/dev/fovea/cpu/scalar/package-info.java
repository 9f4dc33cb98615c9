/** Kernels in plain Java loops, one for every operator; the vector kernels give the same bits. */
@NullMarked
package dev.fovea.cpu.scalar;

import org.jspecify.annotations.NullMarked;

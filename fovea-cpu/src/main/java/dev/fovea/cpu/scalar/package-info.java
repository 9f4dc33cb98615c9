/** Kernels in plain Java loops, one for every operator; what the vector kernels equal bit for bit. */
@NullMarked
package dev.fovea.cpu.scalar;

import org.jspecify.annotations.NullMarked;

/** Kernels in Java's Vector API, on images in the lanes; the only package that may touch the incubating module. */
@NullMarked
package dev.fovea.cpu.vector;

import org.jspecify.annotations.NullMarked;

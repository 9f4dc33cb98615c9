/**
 * The CPU engine: its two backends, and the compiled program of a graph. Package {@code compile} compiles the graph to steps,
 * {@code scalar} and {@code vector} are the kernels, {@code kernel} is what kernels have in common.
 * {@link dev.fovea.cpu.CpuProgram} runs the steps on {@link dev.fovea.cpu.ThreadPool}.
 */
@NullMarked
package dev.fovea.cpu;

import org.jspecify.annotations.NullMarked;

/**
 * The CPU engine: its two backends, and the program that a graph becomes. Package {@code compile} turns the graph into steps,
 * {@code scalar} and {@code vector} hold the kernels, {@code kernel} what kernels have in common. {@link dev.fovea.cpu.CpuProgram}
 * runs the steps on {@link dev.fovea.cpu.ThreadPool}.
 */
@NullMarked
package dev.fovea.cpu;

import org.jspecify.annotations.NullMarked;

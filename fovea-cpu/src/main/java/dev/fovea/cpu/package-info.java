/**
 * The CPU engine. {@link dev.fovea.cpu.Lowering} turns a graph into steps, each a kernel on buffers in a layout;
 * {@link dev.fovea.cpu.MemoryPlan} gives the buffers their places; {@link dev.fovea.cpu.CpuProgram} runs the steps on
 * {@link dev.fovea.cpu.Pool}. The kernels are in {@code scalar} (all operators) and {@code vector} (the hot ones).
 */
@NullMarked
package dev.fovea.cpu;

import org.jspecify.annotations.NullMarked;

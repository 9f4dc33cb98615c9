/**
 * Compiles a graph to steps: passes over the graph and over the steps, and the memory plan. Start reading at
 * {@link dev.fovea.cpu.compile.Lowering}.
 */
@NullMarked
package dev.fovea.cpu.compile;

import org.jspecify.annotations.NullMarked;

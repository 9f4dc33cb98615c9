/**
 * From a graph to steps: passes over the graph and over the steps, and the plan of their memory.
 * {@link dev.fovea.cpu.compile.Lowering} is the first to read.
 */
@NullMarked
package dev.fovea.cpu.compile;

import org.jspecify.annotations.NullMarked;

/**
 * The innermost loops: multiply-adds on a tile of outputs that stays in registers. Classes named {@code ...Loops} are generated at
 * build time by {@code src/generator/java/TileWriter.java}; the classes here choose among them.
 */
@NullMarked
package dev.fovea.cpu.vector.microkernel;

import org.jspecify.annotations.NullMarked;

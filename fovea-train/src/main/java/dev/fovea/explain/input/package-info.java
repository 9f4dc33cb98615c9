/** Methods that tell what each number of the network's input contributes, by a reverse pass. */
@NullMarked
package dev.fovea.explain.input;

import org.jspecify.annotations.NullMarked;

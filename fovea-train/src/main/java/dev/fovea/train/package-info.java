/** Training: the loop, what it can be told, its run folder and its checkpoints. */
@NullMarked
package dev.fovea.train;

import org.jspecify.annotations.NullMarked;

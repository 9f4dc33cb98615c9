/** Trained networks by name: where their files come from, and how a file becomes a model. */
@NullMarked
package dev.fovea.pretrained;

import org.jspecify.annotations.NullMarked;

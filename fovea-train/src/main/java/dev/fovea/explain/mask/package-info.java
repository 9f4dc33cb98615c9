/** Methods that watch the score while parts of the image are hidden. */
@NullMarked
package dev.fovea.explain.mask;

import org.jspecify.annotations.NullMarked;

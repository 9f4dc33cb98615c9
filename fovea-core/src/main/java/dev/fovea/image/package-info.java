/** TestImages: reading files that may be hostile, bringing them to the size a network reads, and turning pixels into numbers. */
@NullMarked
package dev.fovea.image;

import org.jspecify.annotations.NullMarked;

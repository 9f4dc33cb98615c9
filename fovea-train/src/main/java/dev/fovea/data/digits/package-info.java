/** The built-in data set {@code digits}: images of handwritten-looking digits, drawn from strokes as a function of a seed. */
@NullMarked
package dev.fovea.data.digits;

import org.jspecify.annotations.NullMarked;

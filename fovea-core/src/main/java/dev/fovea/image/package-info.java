/** Images: reading untrusted files, resizing them to a network's input size, and converting pixels to floats. */
@NullMarked
package dev.fovea.image;

import org.jspecify.annotations.NullMarked;

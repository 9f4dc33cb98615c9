/**
 * Images: reading untrusted files, resizing them to a network's input size, and converting pixels to floats. The package has more than 25
 * files, since each file format has a reader or two that only {@link dev.fovea.image.Image} uses.
 */
@NullMarked
package dev.fovea.image;

import org.jspecify.annotations.NullMarked;

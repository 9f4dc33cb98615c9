/** Random transforms of training images, before they are normalised. */
@NullMarked
package dev.fovea.augment;

import org.jspecify.annotations.NullMarked;

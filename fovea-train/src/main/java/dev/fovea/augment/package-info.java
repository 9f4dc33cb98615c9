/** Random transforms of training images, before they are normalised, and mixing of the images of a batch. */
@NullMarked
package dev.fovea.augment;

import org.jspecify.annotations.NullMarked;

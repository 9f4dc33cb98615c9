/**
 * Random transforms of training images, before they are normalised, and mixing of the images of a batch. Each step is a file, so this is
 * one list of more than 25 files; what they share is in {@code pixels}.
 */
@NullMarked
package dev.fovea.augment;

import org.jspecify.annotations.NullMarked;

/** Labelled pictures: the data sets Fovea draws, reads and downloads, and how they are split for training. */
@NullMarked
package dev.fovea.data;

import org.jspecify.annotations.NullMarked;

/**
 * Labelled images: the data sets that Fovea draws, reads and downloads, and how they are split for training. One list of more than 25
 * files: {@link dev.fovea.data.Dataset} and its views, and a file or two for each kind of data set, which know one another.
 */
@NullMarked
package dev.fovea.data;

import org.jspecify.annotations.NullMarked;

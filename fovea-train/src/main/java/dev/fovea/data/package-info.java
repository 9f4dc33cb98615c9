/**
 * Labelled images: the data sets that Fovea draws, reads and downloads, and their splits for training. The package has more than 25
 * files: {@link dev.fovea.data.Dataset} and its views, and one or two interdependent files for each kind of data set.
 */
@NullMarked
package dev.fovea.data;

import org.jspecify.annotations.NullMarked;

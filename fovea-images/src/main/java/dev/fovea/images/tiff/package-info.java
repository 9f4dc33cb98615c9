/** TIFF (TIFF 6.0 and its technical notes): the first page of a file, by the TwelveMonkeys library. */
@NullMarked
package dev.fovea.images.tiff;

import org.jspecify.annotations.NullMarked;

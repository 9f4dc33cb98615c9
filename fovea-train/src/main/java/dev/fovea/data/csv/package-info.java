/** Reads CSV files. */
@NullMarked
package dev.fovea.data.csv;

import org.jspecify.annotations.NullMarked;

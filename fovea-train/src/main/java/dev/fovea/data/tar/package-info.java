/** Reads tar archives without unpacking them. */
@NullMarked
package dev.fovea.data.tar;

import org.jspecify.annotations.NullMarked;

/** Metrics of a model on a data set, and their evaluation. */
@NullMarked
package dev.fovea.metric;

import org.jspecify.annotations.NullMarked;

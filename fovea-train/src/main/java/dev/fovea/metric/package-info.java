/** How well a model does on a data set: its metrics and their evaluation. */
@NullMarked
package dev.fovea.metric;

import org.jspecify.annotations.NullMarked;

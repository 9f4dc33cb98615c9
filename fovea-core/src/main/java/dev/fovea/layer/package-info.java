/** Layers: immutable hyperparameters that write graph. The set is open; most new layers only compose operators. */
@NullMarked
package dev.fovea.layer;

import org.jspecify.annotations.NullMarked;

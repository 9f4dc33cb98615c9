/**
 * Layers: immutable hyperparameters that write graph. The set is open; most new layers only compose operators. The package is one
 * list with a file for each layer, so it stays flat however long it grows; docs/layers.md has them by name.
 */
@NullMarked
package dev.fovea.layer;

import org.jspecify.annotations.NullMarked;

/**
 * Layers: immutable hyperparameters that build graph nodes. The set is open; most new layers only compose operators. The package is
 * a flat list with one file per layer; docs/layers.md lists them by name.
 */
@NullMarked
package dev.fovea.layer;

import org.jspecify.annotations.NullMarked;

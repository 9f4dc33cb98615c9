/**
 * A model, which is a graph, its parameters and a card of metadata; its file; and prediction. The package has more than 25 files: what
 * changes, stores and runs a model shares its parts, which others may not see.
 */
@NullMarked
package dev.fovea.model;

import org.jspecify.annotations.NullMarked;

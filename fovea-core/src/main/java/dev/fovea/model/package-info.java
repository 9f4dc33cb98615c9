/** A model, which is a graph, its parameters and a card of metadata; its file; and prediction. */
@NullMarked
package dev.fovea.model;

import org.jspecify.annotations.NullMarked;

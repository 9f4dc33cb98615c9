/** A model: graph, parameters and what a user needs beside them; its file; and prediction. */
@NullMarked
package dev.fovea.model;

import org.jspecify.annotations.NullMarked;

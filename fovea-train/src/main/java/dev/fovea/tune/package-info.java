/** Finds settings of a run: search spaces, sequences of trials, successive halving, and its folder, results and page. */
@NullMarked
package dev.fovea.tune;

import org.jspecify.annotations.NullMarked;

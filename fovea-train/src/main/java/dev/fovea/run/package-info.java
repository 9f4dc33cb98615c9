/** A training run in a folder of its own, and comparisons of several runs: configuration, files, resuming, results. */
@NullMarked
package dev.fovea.run;

import org.jspecify.annotations.NullMarked;

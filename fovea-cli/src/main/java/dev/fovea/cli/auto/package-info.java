/** Settings of a run that are chosen by what its images are like, each with its reason. */
@NullMarked
package dev.fovea.cli.auto;

import org.jspecify.annotations.NullMarked;

/** What is wrong with a training run, found while it runs: {@link dev.fovea.diagnose.Diagnosis}. */
@NullMarked
package dev.fovea.diagnose;

import org.jspecify.annotations.NullMarked;

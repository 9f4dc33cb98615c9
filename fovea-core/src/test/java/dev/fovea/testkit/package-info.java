/**
 * What every engine is tested with: cases for each operator, numbers of another implementation to compare with, and suites of
 * dynamic tests that take an {@link dev.fovea.testkit.Engine}.
 */
@NullMarked
package dev.fovea.testkit;

import org.jspecify.annotations.NullMarked;

/**
 * The test kit for engines: cases for each operator, reference values of another implementation, and suites of dynamic tests for
 * an {@link dev.fovea.testkit.Engine}.
 */
@NullMarked
package dev.fovea.testkit;

import org.jspecify.annotations.NullMarked;

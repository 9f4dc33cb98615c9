/** The measurements of {@code fovea bench}. */
@NullMarked
package dev.fovea.cli.bench;

import org.jspecify.annotations.NullMarked;

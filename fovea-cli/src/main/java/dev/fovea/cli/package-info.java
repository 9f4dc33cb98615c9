/** The command line: one command a file, and no logic of its own. */
@NullMarked
package dev.fovea.cli;

import org.jspecify.annotations.NullMarked;

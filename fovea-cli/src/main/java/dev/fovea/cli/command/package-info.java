/** The commands, one file each. They hold options and output; the work is done by the libraries. */
@NullMarked
package dev.fovea.cli.command;

import org.jspecify.annotations.NullMarked;

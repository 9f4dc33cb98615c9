/**
 * The commands, one file each, so one list of more than 25 files. They hold options and output; the work is done by the libraries.
 */
@NullMarked
package dev.fovea.cli.command;

import org.jspecify.annotations.NullMarked;

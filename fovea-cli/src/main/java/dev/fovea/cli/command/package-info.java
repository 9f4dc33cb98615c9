/** The commands, one file each, without logic of their own. */
@NullMarked
package dev.fovea.cli.command;

import org.jspecify.annotations.NullMarked;

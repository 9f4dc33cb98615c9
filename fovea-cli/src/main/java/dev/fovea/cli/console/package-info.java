/** Output of commands, on the terminal and in image files; progress, Ctrl-C, and what the system reports of the machine. */
@NullMarked
package dev.fovea.cli.console;

import org.jspecify.annotations.NullMarked;

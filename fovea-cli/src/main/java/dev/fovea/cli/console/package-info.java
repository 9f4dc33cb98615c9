/** Output of commands, to the terminal and to image files; progress, Ctrl-C, and what the operating system reports of the machine. */
@NullMarked
package dev.fovea.cli.console;

import org.jspecify.annotations.NullMarked;

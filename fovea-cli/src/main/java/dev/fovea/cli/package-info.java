/** Entry point of the command line: from arguments to the command that they name, and from failures to messages and exit codes. */
@NullMarked
package dev.fovea.cli;

import org.jspecify.annotations.NullMarked;

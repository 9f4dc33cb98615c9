/** What commands print, and what they read from the machine and its terminal. */
@NullMarked
package dev.fovea.cli.console;

import org.jspecify.annotations.NullMarked;

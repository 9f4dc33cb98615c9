/** Options that commands share, and the conversion of their values. */
@NullMarked
package dev.fovea.cli.option;

import org.jspecify.annotations.NullMarked;

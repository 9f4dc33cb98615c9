/** Options that commands share, their conversion and error messages, and what they open: networks, data sets, runs to resume. */
@NullMarked
package dev.fovea.cli.option;

import org.jspecify.annotations.NullMarked;

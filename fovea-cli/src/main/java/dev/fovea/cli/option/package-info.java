/**
 * Options that commands share, their conversion and error messages, and what they open: networks, data sets, runs to resume. It has
 * more than 25 files, since each group of options that several commands have is one.
 */
@NullMarked
package dev.fovea.cli.option;

import org.jspecify.annotations.NullMarked;

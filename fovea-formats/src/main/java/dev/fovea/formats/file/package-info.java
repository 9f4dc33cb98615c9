/** Files of untrusted content: ranges of bytes, ZIP archives, entries by name. */
@NullMarked
package dev.fovea.formats.file;

import org.jspecify.annotations.NullMarked;

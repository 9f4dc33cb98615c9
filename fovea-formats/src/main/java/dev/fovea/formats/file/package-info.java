/** Files of untrusted content: ranges of bytes, ZIP archives, elements that are floats. */
@NullMarked
package dev.fovea.formats.file;

import org.jspecify.annotations.NullMarked;

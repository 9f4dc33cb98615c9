/** WebP (RFC 9649), lossy (RFC 6386) and lossless. */
@NullMarked
package dev.fovea.images.webp;

import org.jspecify.annotations.NullMarked;

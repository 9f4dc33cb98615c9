/** Fovea's version. */
@NullMarked
package dev.fovea.train.version;

import org.jspecify.annotations.NullMarked;

/** All methods of explaining, by name. */
@NullMarked
package dev.fovea.explain.method;

import org.jspecify.annotations.NullMarked;

/**
 * The networks, one file each; {@link dev.fovea.zoo.Zoo} lists them by name. The package is one list, so it stays flat however long it
 * grows.
 */
@NullMarked
package dev.fovea.zoo;

import org.jspecify.annotations.NullMarked;

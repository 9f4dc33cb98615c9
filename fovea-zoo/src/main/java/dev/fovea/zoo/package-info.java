/** The networks, a file each; {@link dev.fovea.zoo.Zoo} lists them by name. */
@NullMarked
package dev.fovea.zoo;

import org.jspecify.annotations.NullMarked;

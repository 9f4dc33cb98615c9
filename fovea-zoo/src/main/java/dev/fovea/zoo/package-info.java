/**
 * The networks, one file each; {@link dev.fovea.zoo.Zoo} lists them by name. The package stays flat, since it is one list.
 */
@NullMarked
package dev.fovea.zoo;

import org.jspecify.annotations.NullMarked;

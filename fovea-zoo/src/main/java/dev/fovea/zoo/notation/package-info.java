/** The notation of networks, {@code INPUT -> [[CONV 32 -> RELU]*2 -> POOL]*3 -> FC}: its parser, its layers, its printer. */
@NullMarked
package dev.fovea.zoo.notation;

import org.jspecify.annotations.NullMarked;

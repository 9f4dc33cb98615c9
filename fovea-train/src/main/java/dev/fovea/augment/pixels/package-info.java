/** What transforms do to pixels for given parameters. */
@NullMarked
package dev.fovea.augment.pixels;

import org.jspecify.annotations.NullMarked;

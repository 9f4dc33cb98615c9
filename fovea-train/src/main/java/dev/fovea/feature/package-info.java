/** What the frozen body of a network makes of images, computed once for each: {@link dev.fovea.feature.Features}. */
@NullMarked
package dev.fovea.feature;

import org.jspecify.annotations.NullMarked;

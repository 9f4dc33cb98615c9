/** Whether an explanation is any good: what happens to the answer, or to the map, if something is changed. */
@NullMarked
package dev.fovea.explain.quality;

import org.jspecify.annotations.NullMarked;

/** What a network's filters look for, and how its classes lie: {@link dev.fovea.explain.look.Portrait}. */
@NullMarked
package dev.fovea.explain.look;

import org.jspecify.annotations.NullMarked;

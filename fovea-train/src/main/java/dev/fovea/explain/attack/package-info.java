/** Images that are changed so little that people hardly see it, and that a network mistakes: {@link dev.fovea.explain.attack.Attack}. */
@NullMarked
package dev.fovea.explain.attack;

import org.jspecify.annotations.NullMarked;

/** Layer-wise relevance propagation: the score itself is handed back, layer by layer, to the input. */
@NullMarked
package dev.fovea.explain.relevance;

import org.jspecify.annotations.NullMarked;

/**
 * Why a network gives an answer: {@link dev.fovea.explain.Explainer} and its methods, in the packages below. A method rewrites the
 * network's graph, which is compiled and run like any other.
 */
@NullMarked
package dev.fovea.explain;

import org.jspecify.annotations.NullMarked;

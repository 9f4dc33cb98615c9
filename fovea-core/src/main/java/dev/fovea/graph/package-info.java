/**
 * The graph core. An {@link dev.fovea.graph.Op} is one of a sealed set, named as in ONNX; each question about operators is one
 * exhaustive switch in one file: {@link dev.fovea.graph.Shapes} (what comes out), {@link dev.fovea.graph.Gradients} (graph in,
 * graph out), {@link dev.fovea.graph.Reference} (what it means, in double). A {@link dev.fovea.graph.Backend} runs graphs fast.
 */
@NullMarked
package dev.fovea.graph;

import org.jspecify.annotations.NullMarked;

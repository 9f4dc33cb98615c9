/**
 * The graph. An {@link dev.fovea.graph.Op} is one of a sealed set, named as in ONNX; each property of operators is one
 * exhaustive switch in one file: {@link dev.fovea.graph.Shapes} (shape inference), {@link dev.fovea.graph.Gradients} (derivatives,
 * graph to graph), {@link dev.fovea.graph.Reference} (the definition, in double). A {@link dev.fovea.graph.Backend} runs graphs
 * fast.
 *
 * <p>It has more than 25 files, since the tables of operators by family share what only they may see.
 */
@NullMarked
package dev.fovea.graph;

import org.jspecify.annotations.NullMarked;

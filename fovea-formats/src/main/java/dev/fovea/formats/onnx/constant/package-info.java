/** Constant arrays of an ONNX graph, and the evaluation of operators whose operands are all constant. */
@NullMarked
package dev.fovea.formats.onnx.constant;

import org.jspecify.annotations.NullMarked;

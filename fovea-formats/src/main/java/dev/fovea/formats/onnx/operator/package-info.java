/** ONNX's operators as compositions of the graph's, in tables by family. */
@NullMarked
package dev.fovea.formats.onnx.operator;

import org.jspecify.annotations.NullMarked;

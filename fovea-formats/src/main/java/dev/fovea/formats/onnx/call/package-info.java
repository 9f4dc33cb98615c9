/** What the tables of ONNX's operators are written with: a node with its operands, and the graph that its results are appended to. */
@NullMarked
package dev.fovea.formats.onnx.call;

import org.jspecify.annotations.NullMarked;

/** ONNX's operators as compositions of the graph's, in tables by family, a file each; the package stays flat, since it is one list. */
@NullMarked
package dev.fovea.formats.onnx.operator;

import org.jspecify.annotations.NullMarked;

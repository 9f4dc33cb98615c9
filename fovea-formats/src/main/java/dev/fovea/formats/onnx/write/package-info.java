/** Writing of ONNX models: a table from Fovea's operators to ONNX's. */
@NullMarked
package dev.fovea.formats.onnx.write;

import org.jspecify.annotations.NullMarked;

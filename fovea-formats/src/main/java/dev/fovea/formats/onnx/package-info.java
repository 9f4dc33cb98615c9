/** ONNX models: reading one into a graph and its parameters, and writing one. */
@NullMarked
package dev.fovea.formats.onnx;

import org.jspecify.annotations.NullMarked;

/**
 * The importer of ONNX models: {@code OnnxReader} interprets a file's nodes over constants and graph values. Each operator is a row in
 * the table of its family.
 */
@NullMarked
package dev.fovea.formats.onnx.read;

import org.jspecify.annotations.NullMarked;

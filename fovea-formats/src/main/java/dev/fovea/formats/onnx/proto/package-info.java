/** ONNX's messages as records, and the protobuf wire format that they are stored in. */
@NullMarked
package dev.fovea.formats.onnx.proto;

import org.jspecify.annotations.NullMarked;

/**
 * Patterns of nodes in imported graphs: what exporters spell out becomes the one operator that it is, in the form that the zoo's
 * networks have and engines fuse.
 */
@NullMarked
package dev.fovea.formats.onnx.pattern;

import org.jspecify.annotations.NullMarked;

package dev.fovea.formats.onnx.proto;

import java.util.List;
import java.util.Optional;

/**
 * What a file declares about a value ({@code ValueInfoProto}).
 *
 * @param kind {@code tensor}, {@code sequence}, {@code map}, {@code optional}, {@code sparse tensor} or {@code opaque}; empty if no type is
 *     given
 * @param type the element type of a tensor
 * @param dims the size of each axis; empty if even the number of axes is unknown
 */
public record OnnxValue(String name, String kind, OnnxType type, Optional<List<Dim>> dims) {
  public OnnxValue {
    dims = dims.map(List::copyOf);
  }

  /** A tensor. */
  public OnnxValue(String name, OnnxType type, List<Dim> dims) {
    this(name, TENSOR, type, Optional.of(dims));
  }

  static final String TENSOR = "tensor";

  /** The size of an axis. */
  public sealed interface Dim {
    /** A number; 0 or less in some files, where it means unknown. */
    record Size(long size) implements Dim {}

    /** A name: axes of the same name have the same size. */
    record Symbol(String name) implements Dim {}

    record Unknown() implements Dim {}
  }
}

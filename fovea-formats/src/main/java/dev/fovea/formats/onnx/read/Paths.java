package dev.fovea.formats.onnx.read;

import java.util.List;

/** The path of a layer, as PyTorch's exporters put it into the names of nodes. */
final class Paths {
  private static final int MAX_LENGTH = 200;

  private Paths() {}

  /** {@code /layer1/layer1.0/conv1/Conv} is the layer {@code layer1.0.conv1}; a name without slashes is returned as it is. */
  static String of(String node) {
    String plain = node.codePoints().limit(MAX_LENGTH).map(c -> Character.isISOControl(c) ? '_' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    if (!plain.startsWith("/")) {
      return plain;
    }
    String path = "";
    List<String> segments = List.of(plain.substring(1).split("/"));
    for (String segment : segments.subList(0, segments.size() - 1)) {
      path = path.isEmpty() || segment.startsWith(path + ".") ? segment : path + "." + segment;
    }
    return path.isEmpty() ? plain.substring(1) : path;
  }
}

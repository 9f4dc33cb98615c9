package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.proto.OnnxNode;
import java.util.List;
import java.util.regex.Pattern;

/** The path of a layer, as exporters put it into the names of nodes. */
final class Paths {
  private static final int MAX_LENGTH = 200;

  private Paths() {}

  /**
   * PyTorch's {@code /layer1/layer1.0/conv1/Conv} is the layer {@code layer1.0.conv1}; Fovea's {@code layer1.0.conv1/Conv} is, too. A
   * name that does not end in the operator is returned as it is.
   */
  static String of(OnnxNode node) {
    String plain = node.name().codePoints().limit(MAX_LENGTH).map(c -> Character.isISOControl(c) ? '_' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    boolean torch = plain.startsWith("/");
    String name = torch ? plain.substring(1) : plain;
    List<String> segments = List.of(name.split("/"));
    if (segments.size() < 2 || !torch && !segments.getLast().matches(Pattern.quote(node.type()) + "(_\\d+)?")) {
      return name;
    }
    String path = "";
    for (String segment : segments.subList(0, segments.size() - 1)) {
      path = path.isEmpty() || segment.startsWith(path + ".") ? segment : path + (torch ? "." : "/") + segment;
    }
    return path;
  }
}

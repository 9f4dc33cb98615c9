package dev.fovea.data.fuzz;

import dev.fovea.data.TarFiles;
import dev.fovea.run.RunFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** Small files from which the fuzzer starts. */
final class Seeds {
  private static final String NETWORKS = """
      {"networks": [
        {"name": "net", "url": "https://example.org/a/net-7be5be79.pth", "bytes": 244409434, "sha256_prefix": "7be5be79",
         "source": "someone", "licence": "BSD-3-Clause",
         "convert": {"network": "alexnet", "classes": "10", "mean": "0.485,0.456,0.406"}},
        {"name": "other", "url": "http://example.org/b.onnx",
         "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
      ]}
      """;

  private Seeds() {}

  static List<byte[]> of(Reader reader) throws IOException {
    return switch (reader) {
      case TAR -> TarFiles.seeds();
      case CSV -> texts("path,label\na.png,cat\nb.png,dog\n", "image;split;x;y\na.png;train;1;0\nb.png;val;0;1\nc.png;test;1;1\n",
          "file\tage\na.png\t1.5e3\nb.png\t-2\n", "path,labels\r\n\"a,\"\"1.png\",cat|dog\r\nb.png, dog\r\n\r\nc.png,\r\n");
      case NETWORKS -> texts(NETWORKS);
      case RUN -> List.of(RunFiles.run(RunFiles.CONFIG));
      case METRICS -> List.of(RunFiles.run(RunFiles.METRICS));
      case CHECKPOINT -> List.of(RunFiles.checkpoint());
    };
  }

  private static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }
}

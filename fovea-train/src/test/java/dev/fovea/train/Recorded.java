package dev.fovea.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** PyTorch's optimizers and schedules, as recorded in {@code optim.json}. */
final class Recorded {
  private static final JsonNode ROOT = read();

  private Recorded() {}

  private static JsonNode read() {
    try (InputStream in = Objects.requireNonNull(Recorded.class.getResourceAsStream("optim.json"))) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode rows(String kind) {
    return ROOT.get(kind);
  }

  static JsonNode row(String kind, String name) {
    return StreamSupport.stream(rows(kind).spliterator(), false)
        .filter(row -> row.get("name").stringValue().equals(name))
        .findFirst()
        .orElseThrow();
  }
}

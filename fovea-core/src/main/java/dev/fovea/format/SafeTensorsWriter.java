package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes float tensors one after the other after a header that is padded with spaces, so that the data is aligned to 8 bytes. */
final class SafeTensorsWriter {
  /** The number of bytes that are converted to little-endian order and written, or read, at a time. */
  static final int CHUNK = 1 << 18;

  private SafeTensorsWriter() {}

  static void write(Path target, List<SafeTensors.Part> parts, Map<String, String> metadata) {
    byte[] header = header(target, parts, metadata);
    AtomicFile.writeChannel(target, channel -> {
      try (Arena arena = Arena.ofConfined()) {
        writeFully(channel, ByteBuffer.wrap(header));
        ByteBuffer chunk = arena.allocate(CHUNK, Long.BYTES).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        for (SafeTensors.Part part : parts) {
          writeData(channel, part, chunk);
        }
      }
    });
  }

  /** The length and the padded JSON. */
  private static byte[] header(Path target, List<SafeTensors.Part> parts, Map<String, String> metadata) {
    byte[] json = json(target, parts, metadata).text().getBytes(StandardCharsets.UTF_8);
    int length = Math.ceilDiv(json.length, Long.BYTES) * Long.BYTES;
    if (length > SafeTensorsHeader.MAX_BYTES) {
      throw new FoveaException(target + ": the header would need " + length + " bytes, the format allows "
          + SafeTensorsHeader.MAX_BYTES + "; reduce the metadata");
    }
    ByteBuffer header = ByteBuffer.allocate(Long.BYTES + length).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(json);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.array();
  }

  private static Json.Obj json(Path target, List<SafeTensors.Part> parts, Map<String, String> metadata) {
    Map<String, Json> members = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      Map<String, Json> strings = new LinkedHashMap<>();
      metadata.forEach((key, value) -> strings.put(key, new Json.Str(value)));
      members.put(SafeTensorsHeader.METADATA, new Json.Obj(strings));
    }
    long at = 0;
    for (SafeTensors.Part part : parts) {
      long end = at + (long) part.shape().size() * Float.BYTES;
      List<Json> dims = part.shape().dims().stream().<Json>map(Json.Num::of).toList();
      Json entry = Json.object().with("dtype", Dtype.F32.name()).with("shape", new Json.Arr(dims))
          .with("data_offsets", new Json.Arr(List.of(Json.Num.of(at), Json.Num.of(end))));
      if (part.name().equals(SafeTensorsHeader.METADATA) || members.put(part.name(), entry) != null) {
        throw new FoveaException(
            target + ": the tensor's name " + Quote.quote(part.name()) + " is already in use; choose another");
      }
      at = end;
    }
    return new Json.Obj(members);
  }

  private static void writeData(FileChannel channel, SafeTensors.Part part, ByteBuffer chunk) throws IOException {
    int end = part.offset() + part.shape().size();
    FloatBuffer floats = chunk.clear().asFloatBuffer();
    for (int at = part.offset(); at < end; at += floats.position()) {
      floats.clear().put(part.values(), at, Math.min(end - at, floats.capacity()));
      writeFully(channel, chunk.clear().limit(floats.position() * Float.BYTES));
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}

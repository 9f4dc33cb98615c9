package dev.fovea.formats.file;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is open for reading at any position, with messages that name it. Methods may be called from several threads. */
public final class OpenFile implements AutoCloseable {
  private final String name;
  private final FileChannel channel;
  private final long size;

  private OpenFile(String name, FileChannel channel, long size) {
    this.name = name;
    this.channel = channel;
    this.size = size;
  }

  /** Opens the file; the caller must close it. */
  public static OpenFile of(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new FoveaException(path + (Files.exists(path) ? ": is not a regular file" : ": no such file"));
    }
    try {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      return new OpenFile(path.toString(), channel, channel.size());
    } catch (IOException e) {
      throw unreadable(path.toString(), e);
    }
  }

  /** The path as it was given, for messages. */
  public String name() {
    return name;
  }

  /** The number of bytes at the time of opening. */
  public long size() {
    return size;
  }

  /** The file's bytes from {@code position} on; the range must lie within it. */
  public Bytes range(long position, long length) {
    if (position < 0 || length < 0 || position > size - length) {
      throw new FoveaException(name + ": is truncated: it has " + size + " bytes, a part of it should lie at " + position + " to "
          + (position + length));
    }
    return new Range(this, position, length);
  }

  private record Range(OpenFile file, long start, long size) implements Bytes {
    @Override
    public void read(long position, ByteBuffer to) {
      file.read(start + position, to);
    }

    @Override
    public MemorySegment segment(long position, long length, Arena arena) {
      try {
        return file.channel.map(MapMode.READ_ONLY, start + position, length, arena);
      } catch (IOException e) {
        throw unreadable(file.name, e);
      }
    }
  }

  private void read(long position, ByteBuffer to) {
    try {
      for (long at = position; to.hasRemaining();) {
        int count = channel.read(to, at);
        if (count < 0) {
          throw new FoveaException(name + ": was shortened while it was read");
        }
        at += count;
      }
      to.flip();
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static FoveaException unreadable(String name, IOException e) {
    return new FoveaException(name + ": cannot be read: " + Quote.cause(e), e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }
}

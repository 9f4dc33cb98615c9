package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Objects;

/**
 * Writes a file atomically. The bytes go to a hidden file in the target's folder and to the disk (fsync); only then is it renamed
 * over the target, in one step, and the folder is synced. If anything fails in between, even the power, the old file is unchanged.
 * A failure removes the hidden file and is reported in one line with the target and the cause; an unchecked exception of the
 * writer, which is a bug, removes it too and is rethrown. A symbolic link is kept, and its target is replaced.
 */
public final class AtomicFile {
  /** A disk with less free space than this is reported as full, whatever the system's message. */
  private static final long FULL_BYTES = 1 << 16;

  private static final int MAX_ATTEMPTS = 10_000;

  private AtomicFile() {}

  /** Writes the file's contents to a buffered stream, without having to close it. */
  @FunctionalInterface
  public interface Writer {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes the file's contents to an open channel at position 0, without having to close it. */
  @FunctionalInterface
  public interface ChannelWriter {
    void writeTo(FileChannel out) throws IOException;
  }

  /** Writes what the body writes to a buffered stream. */
  public static void write(Path target, Writer body) {
    writeChannel(target, channel -> {
      try (OutputStream out = new Unclosing(channel)) {
        body.writeTo(out);
      }
    });
  }

  /** Writes the bytes. */
  public static void write(Path target, byte[] bytes) {
    writeChannel(target, channel -> {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    });
  }

  /** Writes the text in UTF-8. */
  public static void write(Path target, String text) {
    write(target, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes what the body writes to a channel, for large arrays: there is no buffer in between. */
  public static void writeChannel(Path target, ChannelWriter body) {
    Path file = replaceable(target);
    Path folder = Objects.requireNonNull(file.getParent(), "a file that is not a folder has a parent");
    HiddenFile temporary = create(target, folder);
    boolean complete = false;
    try {
      try (FileChannel channel = temporary.channel) {
        body.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary.path, file, StandardCopyOption.ATOMIC_MOVE);
      complete = true;
    } catch (IOException e) {
      throw failure(target, folder, e);
    } catch (UncheckedIOException e) {
      throw failure(target, folder, Objects.requireNonNullElseGet(e.getCause(), () -> new IOException(e)));
    } finally {
      if (!complete) {
        delete(temporary.path);
      }
    }
    sync(folder);
  }

  private record HiddenFile(Path path, FileChannel channel) {}

  /** A stream over the channel that leaves it open, so a writer that closes its stream does not prevent the fsync. */
  private static final class Unclosing extends BufferedOutputStream {
    Unclosing(FileChannel channel) {
      super(Channels.newOutputStream(channel), 1 << 16);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  /** The absolute path of the regular file to be replaced, links resolved: a rename over a device or a pipe would remove it. */
  private static Path replaceable(Path target) {
    if (Files.isDirectory(target)) {
      throw new FoveaException(target + ": is a folder; give a file name");
    }
    if (Files.isSymbolicLink(target)) {
      try {
        return regular(target, target.toRealPath());
      } catch (IOException e) {
        throw new FoveaException(target + ": is a broken link; remove the link, or give another file name", e);
      }
    }
    return regular(target, target.toAbsolutePath());
  }

  private static Path regular(Path target, Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new FoveaException(target + ": is a device or a pipe, which cannot be replaced; give the name of a regular file");
    }
    return file;
  }

  /** Creates the hidden file with the permissions of the process's umask, like any other new file. */
  private static HiddenFile create(Path target, Path folder) {
    String owner = String.format(Locale.ROOT, ".fovea-%d-", ProcessHandle.current().pid());
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Path path = folder.resolve(owner + i + ".tmp");
      try {
        return new HiddenFile(path, FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
      } catch (FileAlreadyExistsException e) {
        // Another thread is writing it, or a process that died left it; try the next number.
      } catch (NoSuchFileException e) {
        throw new FoveaException(target + ": the folder " + folder + " does not exist; create it first", e);
      } catch (IOException e) {
        throw failure(target, folder, e);
      }
    }
    throw new FoveaException(
        target + ": " + folder + " has " + MAX_ATTEMPTS + " unfinished files " + owner + "*; remove them");
  }

  private static FoveaException failure(Path target, Path folder, IOException e) {
    if (isFull(folder, e)) {
      return new FoveaException(target + ": no space left on the disk of " + folder + "; free some, or write elsewhere", e);
    }
    if (e instanceof AccessDeniedException) {
      return new FoveaException(
          target + ": no permission to write in " + folder + ", or the file is in use; allow it, or write elsewhere",
          e);
    }
    // the system's words alone: the exception's own file is the hidden one
    String cause = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : Quote.cause(e);
    return new FoveaException(target + ": cannot be written: " + cause, e);
  }

  /** The system's message for a full disk depends on its language, so the free space is checked too. */
  private static boolean isFull(Path folder, IOException e) {
    String words = String.valueOf(e.getMessage());
    if (words.contains("No space left") || words.contains("quota exceeded") || words.contains("not enough space")) {
      return true;
    }
    try {
      return Files.getFileStore(folder).getUsableSpace() < FULL_BYTES;
    } catch (IOException unknown) {
      return false;
    }
  }

  private static void delete(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The first failure is the one to report; the file that stays is hidden, and its name has the process id.
    }
  }

  /** Makes the rename itself durable. Windows cannot open a folder and needs no sync of it; the file is in place either way. */
  private static void sync(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Some systems and network disks do not support it.
    }
  }
}

package dev.fovea.run;

import dev.fovea.format.FileNames;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reserves a folder for one run of one process; the operating system releases it when the process dies. A lock is on a file and
 * not on its name: if the file is deleted, another process can create and lock a file of that name. {@link #keep} detects that.
 */
final class RunLock implements AutoCloseable {
  static final String NAME = ".lock";

  /** Folders locked by this process: closing a second channel on the file would release the lock of the first. */
  private static final Set<Path> MINE = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private Held held;

  /**
   * A lock, and what distinguishes its file from another of the same name: device and inode. On Windows files have no such key, but
   * a name cannot be reused while its file is open.
   */
  private record Held(FileLock lock, @Nullable Object key) {
    void release() {
      try {
        lock.acquiredBy().close();
      } catch (IOException e) {
        // The lock ends with the process at the latest.
      }
    }
  }

  private RunLock(Path folder, Held held) {
    this.folder = folder;
    this.held = held;
  }

  /** Creates the folder if it does not exist, and locks it. */
  static RunLock of(Path path) {
    try {
      Files.createDirectories(path);
      Path folder = path.toRealPath();
      if (MINE.add(folder)) {
        Optional<Held> held = Optional.empty();
        try {
          held = lock(folder);
        } finally {
          if (held.isEmpty()) {
            MINE.remove(folder);
          }
        }
        if (held.isPresent()) {
          return new RunLock(folder, held.get());
        }
      }
      throw new FoveaException(path + ": a run is in progress in it: wait for its end, or name another folder");
    } catch (IOException e) {
      throw new FoveaException(path + ": cannot be created or locked, " + FileNames.reason(e) + ": name another folder", e);
    }
  }

  /** Empty if another process holds it. */
  private static Optional<Held> lock(Path folder) throws IOException {
    FileLock lock = null;
    FileChannel channel = FileChannel.open(folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      lock = channel.tryLock();
      return lock == null ? Optional.empty() : Optional.of(new Held(lock, key(folder)));
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
  }

  private static @Nullable Object key(Path folder) throws IOException {
    return Files.readAttributes(folder.resolve(NAME), BasicFileAttributes.class).fileKey();
  }

  /**
   * Makes sure that the folder still belongs to this run: a deleted lock file is created and locked again.
   *
   * @throws FoveaException if another process has created one in the meantime, and trains here
   */
  void keep() {
    try {
      if (!Files.exists(folder.resolve(NAME))) {
        Optional<Held> again = lock(folder);
        held.release();
        held = again.orElseThrow(this::lost);
      } else if (!Objects.equals(key(folder), held.key)) {
        throw lost();
      }
    } catch (IOException e) {
      throw new FoveaException(folder + ": can no longer be used, " + FileNames.reason(e)
          + ": the run stops; make the folder writable again, and resume it", e);
    }
  }

  private FoveaException lost() {
    return new FoveaException(
        folder + ": its file " + NAME + " was deleted, and another run has begun in it: this one stops; do not"
            + " delete that file, and resume this run when the other has ended");
  }

  @Override
  public void close() {
    held.release();
    MINE.remove(folder);
  }
}

package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Keeps a folder for one run of one process; the system lets go of it when the process dies. */
final class RunLock implements AutoCloseable {
  /** Those of this process: a second channel on the file would, once closed, take the first one's lock with it. */
  private static final Set<Path> MINE = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileLock lock;

  private RunLock(Path folder, FileLock lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /** Makes the folder where it does not exist, and locks it. */
  static RunLock of(Path path) {
    try {
      Files.createDirectories(path);
      Path folder = path.toRealPath();
      FileLock lock = MINE.add(folder) ? lock(folder) : null;
      if (lock == null) {
        throw new FoveaException(path + ": a run is going on in it: wait for its end, or name another folder");
      }
      return new RunLock(folder, lock);
    } catch (IOException e) {
      String why = e.getClass().getSimpleName();
      throw new FoveaException(path + ": cannot be made or locked (" + why + "): name another folder", e);
    }
  }

  private static @Nullable FileLock lock(Path folder) throws IOException {
    FileLock lock = null;
    FileChannel channel = null;
    try {
      channel = FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock = channel.tryLock();
      return lock;
    } finally {
      if (lock == null) {
        MINE.remove(folder);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  @Override
  public void close() {
    try {
      lock.acquiredBy().close();
    } catch (IOException e) {
      // The lock ends with the process at the latest.
    } finally {
      MINE.remove(folder);
    }
  }
}

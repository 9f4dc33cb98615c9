package dev.fovea.formats.torch;

import dev.fovea.formats.file.Bytes;
import java.nio.ByteOrder;
import java.util.List;

/** A checkpoint's file: the pickled value, and the storages that it refers to. */
sealed interface Checkpoint extends AutoCloseable permits ZipCheckpoint, LegacyCheckpoint {
  /** What was saved. */
  Object root();

  /** The bytes of a storage that the pickle refers to. */
  Bytes storage(String key);

  /** The byte order of the storages' elements. */
  ByteOrder order();

  /** What the file has besides, one line each. */
  List<String> notes();

  @Override
  void close();
}

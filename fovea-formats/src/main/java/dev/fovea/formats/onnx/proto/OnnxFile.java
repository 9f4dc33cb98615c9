package dev.fovea.formats.onnx.proto;

import dev.fovea.format.AtomicFile;
import dev.fovea.format.FileNames;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An open ONNX file, mapped into memory: a model, or one tensor as test data has them. Every length in it is checked before memory is
 * taken, so a damaged or hostile file is refused in one line. Tensors' elements can be read until the file is closed, from several
 * threads.
 */
public final class OnnxFile implements AutoCloseable {
  private final Source source;
  private final Arena arena;

  private OnnxFile(String name, MemorySegment bytes, @Nullable Path folder, Arena arena) {
    this.source = new Source(name, bytes, folder, arena);
    this.arena = arena;
  }

  /** Opens the file; the caller must close it. */
  @SuppressWarnings("MustBeClosedChecker") // close does
  public static OnnxFile open(Path path) {
    String name = FileNames.text(path);
    if (!Files.isRegularFile(path)) {
      throw new FoveaException(name + (Files.exists(path) ? ": is not a regular file" : ": no such file"));
    }
    Arena arena = Arena.ofShared();
    @Nullable OnnxFile file = null;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new FoveaException(
            name + ": has " + (channel.size() >> 20) + " MiB, an ONNX file has less than 2048; large weights must lie in "
                + "files of external data");
      }
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      file = new OnnxFile(name, bytes, Objects.requireNonNull(path.toAbsolutePath().normalize().getParent()), arena);
      return file;
    } catch (IOException e) {
      throw new FoveaException(name + ": cannot be read: " + FileNames.reason(e), e);
    } finally {
      if (file == null) {
        arena.close();
      }
    }
  }

  /** The bytes of a file; external data is refused. */
  @SuppressWarnings("MustBeClosedChecker") // close does
  public static OnnxFile of(String name, byte[] bytes) {
    return new OnnxFile(FileNames.line(name), MemorySegment.ofArray(bytes), null, Arena.ofShared());
  }

  /**
   * Reads the whole model but for its tensors' elements.
   *
   * @throws FoveaException in one line that names the file and the byte, if it is not a model or damaged
   */
  public OnnxModel model() {
    try {
      return ModelReader.model(WireReader.of(source, "ModelProto"));
    } catch (InternalError e) {
      throw Elements.changed(source, e);
    } finally {
      source.messagesRead();
    }
  }

  /**
   * Reads a file of one tensor, a {@code TensorProto}.
   *
   * @throws FoveaException in one line that names the file and the byte, if it is not a tensor or damaged
   */
  public OnnxTensor tensor() {
    try {
      return TensorReader.read(WireReader.of(source, "TensorProto"));
    } catch (InternalError e) {
      throw Elements.changed(source, e);
    } finally {
      source.messagesRead();
    }
  }

  /**
   * Writes a model; the file is replaced atomically ({@link AtomicFile}).
   *
   * @throws FoveaException if the model takes 2 GiB or more, which protobuf does not allow
   */
  public static void write(OnnxModel model, Path path) {
    WireWriter message = ModelWriter.model(model);
    if (message.size() > Integer.MAX_VALUE) {
      throw new FoveaException(FileNames.text(path) + ": the model would take " + (message.size() >> 20)
          + " MiB, an ONNX file has less than 2048; write half-precision weights, or a .safetensors file");
    }
    AtomicFile.write(path, message::writeTo);
  }

  @Override
  public void close() {
    arena.close();
  }
}

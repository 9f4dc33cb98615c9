package dev.fovea.formats.torch;

import dev.fovea.format.FloatType;
import dev.fovea.format.Quote;
import dev.fovea.format.TensorFile;
import dev.fovea.formats.file.Bytes;
import dev.fovea.formats.file.Entries;
import dev.fovea.formats.file.OpenFile;
import dev.fovea.formats.file.ZipArchive;
import dev.fovea.formats.torch.StoredValue.Dense;
import dev.fovea.formats.torch.StoredValue.Unsupported;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * An open PyTorch checkpoint, as {@code torch.save} writes a state dict: the ZIP form, and the form before PyTorch 1.6, with pickles of
 * protocol 1 to 5. The pickle is read as data and nothing in it is executed: names of Python other than those that rebuild tensors or
 * stand for plain values are refused. A whole pickled module and a TorchScript archive are refused, with what to save instead.
 *
 * <p>Tensors may share storages, and have any strides. Floats of 8 to 64 bits and bfloat16 are read; integers, such as BatchNorm's
 * {@code num_batches_tracked}, are listed but not read.
 */
final class TorchFile implements TensorFile {
  private static final int MAX_AXES = 16;

  private final String source;
  private final Checkpoint checkpoint;
  private final Entries<StoredValue> tensors;
  private final List<String> notes;

  private TorchFile(String source, Checkpoint checkpoint, StateDict stateDict) {
    this.source = source;
    this.checkpoint = checkpoint;
    this.tensors = new Entries<>(source, stateDict.tensors());
    this.notes = Stream.concat(stateDict.notes().stream(), checkpoint.notes().stream()).toList();
  }

  /**
   * Opens the file and checks its index; the caller must close it.
   *
   * @throws FoveaException in one line that names the file
   */
  static TorchFile read(Path path) {
    OpenFile file = OpenFile.of(path);
    boolean valid = false;
    try {
      Checkpoint checkpoint = checkpoint(file);
      TorchFile opened = new TorchFile(file.name(), checkpoint, StateDict.of(checkpoint.root(), file.name()));
      valid = true;
      return opened;
    } finally {
      if (!valid) {
        file.close();
      }
    }
  }

  private static Checkpoint checkpoint(OpenFile file) {
    if (ZipArchive.isZip(file)) {
      return ZipCheckpoint.read(file);
    }
    if (LegacyCheckpoint.matches(file)) {
      return LegacyCheckpoint.read(file);
    }
    throw new FoveaException(
        file.name() + ": not a PyTorch checkpoint: it is neither a ZIP archive nor begins with the magic number"
            + " of torch.save; is it truncated, or a Git LFS pointer?");
  }

  @Override
  public List<String> names() {
    return tensors.names();
  }

  @Override
  public boolean has(String name) {
    return tensors.has(name);
  }

  @Override
  public String dtype(String name) {
    return tensors.of(name).dtype();
  }

  @Override
  public boolean isReadable(String name) {
    return tensors.of(name) instanceof Dense tensor && tensor.isReadable() && tensor.dims().size() <= MAX_AXES;
  }

  @Override
  public Shape shape(String name) {
    return shape(name, dense(name));
  }

  private Shape shape(String name, Dense tensor) {
    if (tensor.size() == 0) {
      throw invalid(name, "of " + tensor.dimsText() + " is empty, which is not supported; remove it");
    }
    if (tensor.size() > Integer.MAX_VALUE || tensor.dims().size() > MAX_AXES) {
      throw invalid(name, "of " + tensor.dimsText() + " has more than 2^31 - 1 elements or " + MAX_AXES + " axes");
    }
    return new Shape(tensor.dims().stream().map(Math::toIntExact).toList());
  }

  @Override
  public void readInto(String name, float[] to, int offset) {
    Dense tensor = dense(name);
    Shape shape = shape(name, tensor);
    FloatType type = tensor.type().floats()
        .orElseThrow(() -> invalid(name, "has elements of type " + tensor.dtype() + ", expected floats"));
    if (offset < 0 || offset > to.length - shape.size()) {
      throw invalid(name, "of " + shape + " does not fit into " + to.length + " elements from " + offset + " on");
    }
    Bytes storage = checkpoint.storage(tensor.storage().key());
    long start = tensor.storage().first() * tensor.storage().type().bytes() + tensor.offset() * type.bytes();
    if (tensor.isContiguous()) {
      storage.floats(start, type, checkpoint.order(), to, offset, shape.size());
    } else {
      Strided.read(storage, start, tensor, checkpoint.order(), to, offset);
    }
  }

  @Override
  public List<String> notes() {
    return new ArrayList<>(notes);
  }

  private Dense dense(String name) {
    return switch (tensors.of(name)) {
      case Dense tensor -> tensor;
      case Unsupported(var what) ->
          throw invalid(name, "is " + what + ", which is not supported; save it as a dense tensor of floats");
    };
  }

  private FoveaException invalid(String name, String what) {
    return new FoveaException(source + ": tensor " + Quote.quote(name) + " " + what);
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}

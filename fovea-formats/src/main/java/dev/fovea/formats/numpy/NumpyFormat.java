package dev.fovea.formats.numpy;

import dev.fovea.format.FileNames;
import dev.fovea.format.Quote;
import dev.fovea.format.TensorFile;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormat;
import dev.fovea.model.WeightsOnlyException;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** NumPy's arrays: weights without a network. The array of an {@code .npy} has the file's name without its ending. */
public final class NumpyFormat implements ModelFormat {
  private static final String SINGLE = ".npy";

  @Override
  public String name() {
    return "NumPy";
  }

  @Override
  public List<String> suffixes() {
    return List.of(SINGLE, ".npz");
  }

  @Override
  public Model read(Path file) {
    try (TensorFile tensors = tensors(file)) {
      throw new WeightsOnlyException(file, tensors.names().size());
    }
  }

  @Override
  public TensorFile tensors(Path file) {
    String name = FileNames.last(file);
    return name.toLowerCase(Locale.ROOT).endsWith(SINGLE)
        ? new Single(name.substring(0, name.length() - SINGLE.length()), Npy.read(file), file)
        : Npz.read(file);
  }

  /** One array with a name. */
  private record Single(String name, Npy array, Path file) implements TensorFile {
    @Override
    public List<String> names() {
      return List.of(name);
    }

    @Override
    public boolean has(String other) {
      return name.equals(other);
    }

    @Override
    public String dtype(String other) {
      return checked(other).dtype();
    }

    @Override
    public boolean isReadable(String other) {
      return !checked(other).isInteger();
    }

    @Override
    public Shape shape(String other) {
      return checked(other).shape();
    }

    @Override
    public void readInto(String other, float[] to, int offset) {
      if (checked(other).isInteger()) {
        throw new FoveaException(file + ": has elements of type " + array.dtype() + ", expected floats");
      }
      if (offset < 0 || offset > to.length - array.shape().size()) {
        throw new FoveaException(
            file + ": " + array.shape() + " does not fit into " + to.length + " elements from " + offset + " on");
      }
      array.readInto(to, offset);
    }

    private Npy checked(String other) {
      if (!has(other)) {
        throw new FoveaException(file + ": there is no array " + Quote.quote(other) + "; it is " + Quote.quote(name));
      }
      return array;
    }

    @Override
    public void close() {}
  }
}

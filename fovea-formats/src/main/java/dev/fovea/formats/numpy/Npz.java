package dev.fovea.formats.numpy;

import dev.fovea.format.FloatType;
import dev.fovea.format.Quote;
import dev.fovea.format.TensorFile;
import dev.fovea.formats.file.Entries;
import dev.fovea.formats.file.ZipArchive;
import dev.fovea.formats.file.ZipEntry;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An open {@code .npz}: arrays in a ZIP archive, stored or deflated, as {@code numpy.savez} and {@code savez_compressed} write them. An
 * array that is not of numbers is refused when it is read, by its name.
 */
final class Npz implements TensorFile {
  private static final String SUFFIX = ".npy";

  private final ZipArchive archive;
  private final Entries<ZipEntry> arrays;
  private final Map<String, NpyHeader> headers = new ConcurrentHashMap<>();

  private Npz(ZipArchive archive) {
    this.archive = archive;
    Map<String, ZipEntry> byName = new LinkedHashMap<>();
    for (ZipEntry entry : archive.entries()) {
      String name = entry.name();
      if (!name.endsWith(SUFFIX)) {
        throw new FoveaException(
            archive.name() + ": its entry " + Quote.quote(name) + " is not an array: expected names in .npy");
      }
      byName.put(name.substring(0, name.length() - SUFFIX.length()), entry);
    }
    arrays = new Entries<>(archive.name(), byName);
  }

  /** Opens the file and checks its index; the caller must close it. */
  static Npz read(Path path) {
    ZipArchive archive = ZipArchive.of(path);
    try {
      return new Npz(archive);
    } catch (FoveaException e) {
      archive.close();
      throw e;
    }
  }

  @Override
  public List<String> names() {
    return arrays.names();
  }

  @Override
  public boolean has(String name) {
    return arrays.has(name);
  }

  @Override
  public String dtype(String name) {
    return header(name).type().toString();
  }

  @Override
  public boolean isReadable(String name) {
    NpyHeader header = header(name);
    return header.type().floats().isPresent() && header.isSupported();
  }

  @Override
  public Shape shape(String name) {
    return header(name).shape(source(name));
  }

  /** An array of any type. */
  Npy array(String name) {
    return Npy.read(archive.contents(arrays.of(name)), source(name));
  }

  @Override
  public void readInto(String name, float[] to, int offset) {
    Npy array = array(name);
    Optional<FloatType> floats = header(name).type().floats();
    if (floats.isEmpty()) {
      throw new FoveaException(source(name) + ": has elements of type " + array.dtype() + ", expected floats");
    }
    if (offset < 0 || offset > to.length - array.shape().size()) {
      throw new FoveaException(
          source(name) + ": " + array.shape() + " does not fit into " + to.length + " elements from " + offset
              + " on");
    }
    array.readInto(to, offset);
  }

  private NpyHeader header(String name) {
    return headers.computeIfAbsent(name, key -> NpyHeader.read(archive.unverified(arrays.of(key)), source(key)));
  }

  private String source(String name) {
    return archive.name() + ": " + Quote.quote(name);
  }

  @Override
  public void close() {
    archive.close();
  }
}

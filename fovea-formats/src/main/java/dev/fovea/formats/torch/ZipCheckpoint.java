package dev.fovea.formats.torch;

import dev.fovea.format.Quote;
import dev.fovea.formats.file.Bytes;
import dev.fovea.formats.file.OpenFile;
import dev.fovea.formats.file.ZipArchive;
import dev.fovea.formats.file.ZipEntry;
import dev.fovea.formats.torch.pickle.PickleInput;
import dev.fovea.formats.torch.pickle.Unpickler;
import dev.fovea.tensor.FoveaException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * The form of PyTorch 1.6 and later: a ZIP archive with one root folder, in it {@code data.pkl}, a record {@code data/KEY} for each
 * storage, and {@code byteorder}.
 */
record ZipCheckpoint(ZipArchive archive, String folder, Object root, ByteOrder order, List<String> notes) implements Checkpoint {
  private static final String PICKLE = "data.pkl";

  /** Records that say nothing about the tensors. */
  private static final Set<String> IGNORED =
      Set.of(PICKLE, "byteorder", "version", ".format_version", ".storage_alignment", ".data/serialization_id");

  static ZipCheckpoint read(OpenFile file) {
    ZipArchive archive = ZipArchive.of(file);
    String folder = findFolder(archive);
    Globals globals = new Globals(file.name());
    Bytes pickle = contents(archive, required(archive, folder + PICKLE));
    Object root = Unpickler.load(new PickleInput(pickle, 0, file.name() + ": " + PICKLE), globals);
    for (Storage storage : globals.storages().values()) {
      ZipEntry entry = required(archive, folder + "data/" + storage.key());
      if (entry.size() != storage.bytes()) {
        throw new FoveaException(file.name() + ": the storage " + Quote.quote(storage.key()) + " should have " + storage.bytes()
            + " bytes, it has " + entry.size());
      }
    }
    List<String> others = archive.entries().stream().map(ZipEntry::name)
        .filter(name -> !name.startsWith(folder) || !isKnown(name.substring(folder.length()), globals)).toList();
    List<String> notes =
        others.isEmpty() ? List.of()
            : List.of(others.size() + " other entries of the archive are not read, such as "
                + Quote.quote(others.getFirst()));
    return new ZipCheckpoint(archive, folder, root, findOrder(archive, folder), notes);
  }

  private static boolean isKnown(String record, Globals globals) {
    return IGNORED.contains(record)
        || record.startsWith("data/") && globals.storages().containsKey(record.substring("data/".length()));
  }

  /** The root folder with its slash; its name is that of the file when it was saved. */
  private static String findFolder(ZipArchive archive) {
    List<String> names = archive.entries().stream().map(ZipEntry::name).toList();
    for (String name : names) {
      String record = name.substring(name.indexOf('/') + 1);
      if (record.equals("constants.pkl") || record.startsWith("code/")) {
        throw new FoveaException(archive.name() + ": is a TorchScript archive, which holds a program; nothing was executed;"
            + " in Python, save its weights alone: torch.save(torch.jit.load(FILE).state_dict(), OTHER)");
      }
    }
    List<String> found =
        names.stream().filter(name -> name.endsWith("/" + PICKLE) && name.indexOf('/') == name.length() - PICKLE.length() - 1)
            .toList();
    if (found.size() != 1) {
      throw new FoveaException(archive.name() + ": is a ZIP archive but not a PyTorch checkpoint: it has "
          + (found.isEmpty() ? "no " : "more than one ") + PICKLE + " in a folder");
    }
    return found.getFirst().substring(0, found.getFirst().length() - PICKLE.length());
  }

  private static ByteOrder findOrder(ZipArchive archive, String folder) {
    if (archive.find(folder + "byteorder").isEmpty()) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    byte[] bytes = contents(archive, required(archive, folder + "byteorder")).array(archive.name());
    return switch (new String(bytes, StandardCharsets.US_ASCII)) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default -> throw new FoveaException(archive.name() + ": its record byteorder is neither little nor big");
    };
  }

  private static ZipEntry required(ZipArchive archive, String name) {
    return archive.find(name)
        .orElseThrow(() -> new FoveaException(archive.name() + ": the archive has no entry " + Quote.quote(name)));
  }

  /** A record's bytes. torch.save can be set to leave checksums out; they are 0 then. */
  private static Bytes contents(ZipArchive archive, ZipEntry entry) {
    return entry.checksum() == 0 ? archive.unverified(entry) : archive.contents(entry);
  }

  @Override
  public Bytes storage(String key) {
    return contents(archive, required(archive, folder + "data/" + key));
  }

  @Override
  public void close() {
    archive.close();
  }
}

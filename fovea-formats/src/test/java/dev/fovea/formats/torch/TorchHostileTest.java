package dev.fovea.formats.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.formats.Damage;
import dev.fovea.formats.Samples;
import dev.fovea.formats.Zips;
import dev.fovea.formats.torch.pickle.Pickles;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that lie, call functions, or are damaged. */
class TorchHostileTest {
  @TempDir
  private Path folder;

  private static void readAll(Path path) {
    try (TorchFile file = TorchFile.read(path)) {
      for (String name : file.names()) {
        if (file.isReadable(name)) {
          file.tensor(name);
        }
      }
    }
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(byte[] file) {
    Path path = Samples.write(folder.resolve("f.pt"), file);
    return assertThatThrownBy(() -> readAll(path)).isInstanceOf(FoveaException.class).hasMessageStartingWith(path + ": ");
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refusedPickle(byte[] pickle) {
    return refused(Checkpoints.zip(pickle, Checkpoints.floats(1, 2)));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refusedTensor(long elements, long offset, long[] dims, long[] strides) {
    return refusedPickle(Checkpoints.pickle(elements, offset, dims, strides));
  }

  private static long[] longs(long... values) {
    return values;
  }

  @ParameterizedTest
  @CsvSource({"posix, system", "nt, system", "__builtin__, eval", "builtins, exec", "builtins, getattr", "builtins, __import__",
      "subprocess, Popen", "torch.hub, load", "torch.serialization, load", "torch, load", "torch.storage, _load_from_bytes",
      "functools, partial", "os, system", "runpy, run_path", "operator, attrgetter", "collections, namedtuple",
      "webbrowser, open"})
  void everyOtherFunctionIsRefusedByItsFullName(String module, String name) {
    String message = "'" + module + "." + name + "', which rebuilds no tensor; nothing was executed";
    refusedPickle(Pickles.start().global(module, name).text("x").op(0x85, 'R').end()).hasMessageContaining(message);
    refusedPickle(Pickles.start().op('}').text("w").text(module).text(name).op(0x93).text("x").op(0x85, 'R', 's').end())
        .hasMessageContaining(message);
    refusedPickle(Pickles.start().text(module).op(0x94).text(name).op(0x94, '0', '0').op('h', 0, 'h', 1, 0x93).text("x")
        .op(0x85, 'R').end()).hasMessageContaining(message);
  }

  /** Whatever a function's result is used for, and wherever it is. */
  @Test
  void nothingIsCalledThroughWhatIsAllowed() {
    refusedPickle(Pickles.start().global("torch._tensor", "_rebuild_from_type_v2").op('(').global("posix", "system")
        .global("torch", "Tensor").text("x").op(0x85, '}', 't', 'R').end()).hasMessageContaining("arguments are not as expected");
    refusedPickle(Pickles.start().global("collections", "defaultdict").global("posix", "system").op(0x85, 'R').end())
        .hasMessageContaining("refers to 'posix.system'");
    refusedPickle(Pickles.start().global("torch", "FloatStorage").op(')', 'R').end())
        .hasMessageContaining("calls a type of elements");
    refusedPickle(Pickles.start().text("a").op(')', 'R').end()).hasMessageContaining("calls a value that is not a function");
  }

  @Test
  void namesInMessagesAreOneLine() {
    refusedPickle(Pickles.start().text("a\nb\u001b[2J").text("x".repeat(1000)).op(0x93, ')', 'R').end())
        .message().matches("\\P{Cntrl}+").hasSizeLessThan(300);
  }

  @Test
  void tensorsOutsideTheirStoragesAreRefused() {
    refusedTensor(2, 0, longs(3), longs(1)).hasMessageContaining("a tensor of 3 reaches element 2 of a storage of 2");
    refusedTensor(2, 1, longs(2), longs(1)).hasMessageContaining("reaches element 2");
    refusedTensor(2, 0, longs(2), longs(2)).hasMessageContaining("reaches element 2");
    refusedTensor(2, -1, longs(1), longs(1)).hasMessageContaining("negative size, stride or offset");
    refusedTensor(2, 1, longs(2), longs(-1)).hasMessageContaining("negative size, stride or offset");
    refusedTensor(2, 0, longs(-2, -1), longs(1, 1)).hasMessageContaining("negative size, stride or offset");
    refusedTensor(2, 0, longs(1L << 62, 4), longs(0, 0)).hasMessageContaining("more than 2^63 elements");
    refusedTensor(2, 0, longs(2, 2), longs(Long.MAX_VALUE, Long.MAX_VALUE)).hasMessageContaining("more than 2^63 elements");
    refusedTensor(2, Long.MAX_VALUE, longs(2), longs(1)).hasMessageContaining("more than 2^63 elements");
    refusedTensor(2, 0, longs(2_000_000_000), longs(0)).hasMessageContaining("repeats the 2 elements of its storage");
    refusedTensor(2, 0, longs(2), longs(1, 1)).hasMessageContaining("1 sizes and 2 strides");
  }

  @Test
  void storagesThatLieAboutTheirSizeAreRefused() {
    refusedTensor(3, 0, longs(2), longs(1)).hasMessageContaining("the storage '0' should have 12 bytes, it has 8");
    refusedTensor(1L << 61, 0, longs(2), longs(1)).hasMessageContaining("has 2305843009213693952 elements");
    refusedTensor(1L << 58, 0, longs(2), longs(1)).hasMessageContaining("should have 1152921504606846976 bytes");
    refusedTensor(-1, 0, longs(2), longs(1)).hasMessageContaining("has -1 elements");
    byte[] pickle = Checkpoints.pickle(2, 0, longs(2), longs(1));
    Map<String, byte[]> entries = Checkpoints.entries(pickle, new byte[8]);
    entries.remove("net/data/0");
    refused(Zips.stored(entries)).hasMessageContaining("the archive has no entry 'net/data/0'");
    Pickles twice = Pickles.start().op('}').text("a");
    Checkpoints.tensor(twice, "0", 2, 0, longs(2), longs(1)).op('s').text("b");
    Checkpoints.tensor(twice, "0", 1, 0, longs(1), longs(1)).op('s');
    refusedPickle(twice.end()).hasMessageContaining("storage '0' has 8 bytes here and 4 there");
  }

  @Test
  void emptyAndSingleElementTensorsAreNotConfused() {
    Path path = Samples.write(folder.resolve("empty.pt"),
        Checkpoints.zip(Checkpoints.pickle(2, 0, longs(0, 3), longs(3, 1)), new byte[8]));
    try (TorchFile file = TorchFile.read(path)) {
      assertThat(file.isReadable("w")).isFalse();
      assertThatThrownBy(() -> file.shape("w")).hasMessageContaining("tensor 'w' of 0x3 is empty");
    }
    path = Samples.write(folder.resolve("one.pt"),
        Checkpoints.zip(Checkpoints.pickle(2, 1, longs(1, 1), longs(Long.MAX_VALUE, 0)), Checkpoints.floats(1, 2)));
    try (TorchFile file = TorchFile.read(path)) {
      assertThat(file.tensor("w").values()).containsExactly(2);
    }
  }

  @Test
  void archivesThatAreNoCheckpointsAreRefused() {
    refused(Zips.stored(Map.of("a", new byte[1]))).hasMessageContaining("it has no data.pkl in a folder");
    refused(Zips.stored(Map.of("a/data.pkl", new byte[1], "b/data.pkl", new byte[1])))
        .hasMessageContaining("more than one data.pkl");
    byte[] pickle = Checkpoints.pickle(2, 0, longs(2), longs(1));
    Map<String, byte[]> entries = Checkpoints.entries(pickle, new byte[8]);
    entries.put("net/byteorder", new byte[] {'x'});
    refused(Zips.stored(entries)).hasMessageContaining("byteorder is neither little nor big");
    refused("version https://git-lfs.github.com/spec/v1".getBytes(StandardCharsets.US_ASCII))
        .hasMessageContaining("not a PyTorch checkpoint").hasMessageContaining("a Git LFS pointer?");
    refused(new byte[0]).hasMessageContaining("not a PyTorch checkpoint");
  }

  @Test
  void bombIsRefused() {
    Map<String, byte[]> entries =
        Checkpoints.entries(Checkpoints.pickle(10_000_000, 0, longs(10_000_000), longs(1)), new byte[40_000_000]);
    refused(Zips.deflated(entries)).hasMessageContaining("its entries expand to 40000");
  }

  /** A dictionary that holds itself, and dictionaries that share many others. */
  @Test
  void cyclesAndSharedDictionariesEnd() {
    refusedPickle(Pickles.start().op('}', 'q', 0).text("model").op('h', 0, 's').end())
        .hasMessageContaining("has no dictionary of tensors");
    Pickles shared = Pickles.start().op('}', 'q', 0, '(');
    for (int i = 0; i < 50_000; i++) {
      shared.text("k" + i).op('N');
    }
    shared.op('u', '0', '}', '(');
    for (int i = 0; i < 50_000; i++) {
      shared.text("d" + i).op('h', 0);
    }
    refusedPickle(shared.op('u').end()).hasMessageContaining("has no dictionary of tensors");
  }

  @Test
  void deepNestingIsRefusedOrRead() {
    byte[] deep = new byte[400_000];
    Arrays.fill(deep, (byte) 0x85);
    refusedPickle(Pickles.start().op(')').raw(deep).end()).hasMessageContaining("values");
    Pickles types = Pickles.start();
    for (int i = 0; i < 1000; i++) {
      types.global("torch._tensor", "_rebuild_from_type_v2").global("torch", "Tensor");
    }
    types.op(')');
    for (int i = 0; i < 1000; i++) {
      types.op(0x87);
    }
    refusedPickle(types.op('R').end()).isInstanceOf(FoveaException.class);
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(strings = {"zip-protocol4.pt", "legacy-protocol2.pt", "training.pt"})
  void damagedFilesAreReadOrRefused(String name) {
    byte[] whole = Samples.small("torch/" + name);
    Damage.truncate(whole, folder.resolve("t.pt"), TorchHostileTest::readAll);
    Damage.flip(whole, folder.resolve("d.pt"), TorchHostileTest::readAll, 1000);
  }

  /** Damage within the pickle is found by its checksum first, so the archive is written again around it. */
  @Test
  void damagedPicklesAreReadOrRefused() {
    byte[] pickle = Checkpoints.pickle(2, 0, longs(2), longs(1));
    Path file = folder.resolve("p.pt");
    Damage.flip(pickle, file,
        damaged -> readAll(Samples.write(file, Checkpoints.zip(bytes(damaged), Checkpoints.floats(1, 2)))), 5000);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void legacyStoragesThatLieAreRefused() {
    byte[] whole = Samples.small("torch/legacy-protocol2.pt");
    ByteBuffer file = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    int header = whole.length;
    // the last storage's number of elements, 1 or 2 or 3, eight bytes before its elements
    for (int at = whole.length - 8 - 32; at < whole.length - 8; at++) {
      if (file.getLong(at) > 0 && file.getLong(at) < 24) {
        header = at;
      }
    }
    for (long elements : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1000}) {
      byte[] damaged = whole.clone();
      ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putLong(header, elements);
      refused(damaged).hasMessageContaining("elements, it has " + elements);
    }
    byte[] longer = Arrays.copyOf(whole, whole.length + 5);
    try (TorchFile opened = TorchFile.read(Samples.write(folder.resolve("longer.pt"), longer))) {
      assertThat(opened.notes()).containsExactly("5 bytes after the last storage are not read");
    }
  }
}

package dev.fovea.formats.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.format.SafeTensors;
import dev.fovea.formats.Samples;
import dev.fovea.formats.Zips;
import dev.fovea.formats.torch.pickle.Pickles;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.RealData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints as torch.save writes them. */
class TorchFileTest {
  @TempDir
  private Path folder;

  private TorchFile open(String name) {
    return TorchFile.read(Samples.small("torch/" + name, folder));
  }

  private static float[] values(TorchFile file, String name) {
    return file.tensor(name).values();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"zip-protocol2.pt", "zip-protocol4.pt", "zip-protocol5.pt", "legacy-protocol2.pt", "legacy-protocol4.pt"})
  void tensorsOfEveryFormAreRead(String name) {
    try (TorchFile file = open(name)) {
      assertThat(file.names()).containsExactly("conv.weight", "channels_last", "shared", "part", "turned", "half", "brain",
          "double",
          "parameter", "bn.num_batches_tracked", "scalar");
      assertThat(file.notes()).isEmpty();
      float[] expected = new float[24];
      for (int i = 0; i < 24; i++) {
        expected[i] = i / 8f - 1;
      }
      assertThat(file.shape("conv.weight")).isEqualTo(Shape.of(2, 3, 2, 2));
      assertThat(values(file, "conv.weight")).isEqualTo(expected);
      assertThat(values(file, "channels_last")).isEqualTo(expected);
      assertThat(values(file, "shared")).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
      assertThat(values(file, "part")).containsExactly(5, 6, 9, 10);
      assertThat(file.shape("turned")).isEqualTo(Shape.of(4, 3));
      assertThat(values(file, "turned")).containsExactly(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
      assertThat(values(file, "half")).containsExactly(1.5f, -2.25f, 65504);
      assertThat(file.dtype("half")).isEqualTo("float16");
      assertThat(values(file, "brain")).containsExactly(1.5f, -2.25f);
      assertThat(values(file, "double")).containsExactly(1 / 3f, 7);
      assertThat(values(file, "parameter")).containsExactly(1, 2);
      assertThat(file.shape("scalar")).isEqualTo(Shape.of());
      assertThat(values(file, "scalar")).containsExactly(3);
    }
  }

  @Test
  void countersAreListedButNotRead() {
    try (TorchFile file = open("zip-protocol2.pt")) {
      assertThat(file.has("bn.num_batches_tracked")).isTrue();
      assertThat(file.dtype("bn.num_batches_tracked")).isEqualTo("int64");
      assertThat(file.isReadable("bn.num_batches_tracked")).isFalse();
      assertThatThrownBy(() -> file.tensor("bn.num_batches_tracked")).hasMessageContaining("int64");
      assertThatThrownBy(() -> file.readInto("bn.num_batches_tracked", new float[1], 0))
          .hasMessageContaining("elements of type int64, expected floats");
      assertThatThrownBy(() -> file.readInto("half", new float[4], 2))
          .hasMessageContaining("does not fit into 4 elements from 2");
      assertThatThrownBy(() -> file.tensor("absent")).hasMessageContaining("there is no tensor 'absent'; the file has 11");
    }
  }

  @Test
  void elementsAreReadAtAnOffset() {
    try (TorchFile file = open("zip-protocol2.pt")) {
      float[] to = new float[8];
      file.readInto("part", to, 2);
      file.readInto("parameter", to, 6);
      assertThat(to).containsExactly(0, 0, 5, 6, 9, 10, 1, 2);
    }
  }

  @Test
  void trainingCheckpointIsLookedThroughAndSaysSo() {
    try (TorchFile file = open("training.pt")) {
      assertThat(file.names()).containsExactly("0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
          "1.num_batches_tracked");
      assertThat(file.notes())
          .containsExactly("the tensors are under 'state_dict'", "the prefix 'module.' of all names is removed");
    }
    Map<String, byte[]> entries = Checkpoints.entries(Checkpoints.pickle(1, 0, new long[] {1}, new long[] {1}), new byte[4]);
    entries.put("net/data/7", new byte[1]);
    entries.put("extra", new byte[1]);
    try (TorchFile file = TorchFile.read(Samples.write(folder.resolve("extra.pt"), Zips.stored(entries)))) {
      assertThat(file.notes()).containsExactly("2 other entries of the archive are not read, such as 'net/data/7'");
    }
  }

  @Test
  void wholeModulesAndScriptsAreRefusedWithWhatToDo() {
    assertThatThrownBy(() -> open("whole-module.pt")).isInstanceOf(FoveaException.class)
        .hasMessage(folder.resolve("whole-module.pt") + ": is a whole pickled module, an object of the Python class"
            + " 'torch.nn.modules.container.Sequential', which needs Python; nothing was executed; save its weights alone:"
            + " torch.save(model.state_dict(), FILE)");
    for (String entry : new String[] {"script/constants.pkl", "script/code/__torch__.py"}) {
      Path script = Samples.write(folder.resolve("script.pt"),
          Zips.stored(Map.of("script/data.pkl", new byte[3], entry, new byte[3])));
      assertThatThrownBy(() -> TorchFile.read(script)).hasMessageContaining("is a TorchScript archive")
          .hasMessageContaining("torch.save(torch.jit.load(FILE).state_dict(), OTHER)");
    }
  }

  @Test
  void systemIsRefusedByItsName() {
    for (String name : new String[] {"system-protocol2.pt", "system-protocol4.pt"}) {
      assertThatThrownBy(() -> open(name)).isInstanceOf(FoveaException.class)
          .hasMessage(folder.resolve(name) + ": calls 'posix.system', which rebuilds no tensor; nothing was executed");
    }
  }

  @Test
  void otherFormsOfTensorsAreRefusedByTheirNames() {
    try (TorchFile file = open("odd.pt")) {
      assertThat(file.names()).containsExactly("dense", "sparse", "quantised", "wide");
      assertThat(values(file, "dense")).containsExactly(1, 1);
      assertThat(file.dtype("wide")).isEqualTo("uint16");
      for (String name : new String[] {"sparse", "quantised"}) {
        assertThat(file.isReadable(name)).isFalse();
        assertThatThrownBy(() -> file.shape(name)).hasMessageContaining("tensor '" + name + "' is a " + name + " tensor");
      }
    }
  }

  @Test
  void compressedBigEndianAndCheckedArchivesAreRead() {
    byte[] pickle = Checkpoints.pickle(2, 0, new long[] {2}, new long[] {1});
    Map<String, byte[]> entries = Checkpoints.entries(pickle, Checkpoints.floats(1.5f, -2));
    Path file = Samples.write(folder.resolve("deflated.pt"), Zips.deflated(entries));
    try (TorchFile opened = TorchFile.read(file)) {
      assertThat(values(opened, "w")).containsExactly(1.5f, -2);
    }
    entries.put("net/byteorder", "big".getBytes(StandardCharsets.US_ASCII));
    entries.put("net/data/0", ByteBuffer.allocate(8).order(ByteOrder.BIG_ENDIAN).putFloat(1.5f).putFloat(-2).array());
    try (TorchFile opened = TorchFile.read(Samples.write(folder.resolve("big.pt"), Zips.stored(entries)))) {
      assertThat(values(opened, "w")).containsExactly(1.5f, -2);
    }
    byte[] damaged = Zips.stored(entries);
    int at = new String(damaged, StandardCharsets.ISO_8859_1).indexOf("net/data/0") + 12;
    damaged[at] ^= 1;
    try (TorchFile opened = TorchFile.read(Samples.write(folder.resolve("damaged.pt"), damaged))) {
      assertThatThrownBy(() -> values(opened, "w")).hasMessageContaining("'net/data/0' is damaged: its checksum differs");
    }
  }

  @Test
  void severalStateDictsAreJoinedAndUnknownValuesRefused() {
    byte[] storage = Checkpoints.floats(1, 2);
    Pickles two = Pickles.start().op('}');
    for (String name : new String[] {"encoder", "decoder"}) {
      two.text(name).op('}').text("w");
      Checkpoints.tensor(two, "0", 2, 0, new long[] {2}, new long[] {1}).op('s', 's');
    }
    try (TorchFile file = TorchFile.read(Samples.write(folder.resolve("two.pt"), Checkpoints.zip(two.end(), storage)))) {
      assertThat(file.names()).containsExactly("encoder.w", "decoder.w");
      assertThat(file.notes()).containsExactly("the names begin with the key of their dictionary: 'encoder', 'decoder'");
    }
    byte[] list = Pickles.start().op(']').end();
    assertThatThrownBy(() -> TorchFile.read(Samples.write(folder.resolve("list.pt"), Checkpoints.zip(list, storage))))
        .hasMessageContaining("has no dictionary of tensors; what was saved is a list or a value");
    byte[] none = Pickles.start().op('}').text("epoch").integer(3).op('s').end();
    assertThatThrownBy(() -> TorchFile.read(Samples.write(folder.resolve("none.pt"), Checkpoints.zip(none, storage))))
        .hasMessageContaining("what was saved is a dictionary of 'epoch'");
  }

  @Test
  void formatRefusesToReadANetwork() {
    TorchFormat format = new TorchFormat();
    Path file = Samples.small("torch/zip-protocol2.pt", folder);
    assertThat(format.matches(file)).isTrue();
    assertThatThrownBy(() -> format.read(file))
        .hasMessage(file + ": holds 11 tensors without a network: convert it with the network that they belong to");
  }

  @Test
  void realCheckpointHasTheTensorsOfItsSafetensors() {
    Path directory = RealData.folder("pretrained/resnet-cifar10");
    try (TorchFile legacy = TorchFile.read(directory.resolve("resnet20-12fca82f.th"));
        SafeTensors expected = SafeTensors.read(directory.resolve("resnet20.safetensors"))) {
      assertThat(legacy.notes()).contains("the tensors are under 'state_dict'", "the prefix 'module.' of all names is removed");
      for (String name : expected.names()) {
        if (expected.isReadable(name)) {
          assertThat(legacy.shape(name)).as(name).isEqualTo(expected.shape(name));
          assertThat(values(legacy, name)).as(name).isEqualTo(expected.tensor(name).values());
        }
      }
      assertThat(expected.names()).containsAll(legacy.names());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pretrained/mnist-pytorch/lenet_mnist_cnn.pt 10 61706", "pretrained/ultraface/version-slim-320.pth 184 264732"})
  void otherRealCheckpointsAreRead(String line) {
    String[] parts = line.split(" ", -1);
    try (TorchFile file = TorchFile.read(RealData.folder(parts[0]))) {
      assertThat(file.names()).hasSize(Integer.parseInt(parts[1]));
      assertThat(file.names().stream().filter(file::isReadable).mapToInt(name -> values(file, name).length).sum())
          .isEqualTo(Integer.parseInt(parts[2]));
    }
  }

  /** What torch.optim.swa_utils.AveragedModel has: a counter beside the module. */
  @Test
  void averagedModelsLoseTheirPrefix() {
    Pickles averaged = Pickles.start().op('}');
    for (String name : new String[] {"n_averaged", "module.w"}) {
      Checkpoints.tensor(averaged.text(name), "0", 1, 0, new long[] {1}, new long[] {1}).op('s');
    }
    Path file = Samples.write(folder.resolve("averaged.pt"), Checkpoints.zip(averaged.end(), Checkpoints.floats(1)));
    try (TorchFile opened = TorchFile.read(file)) {
      assertThat(opened.names()).containsExactly("n_averaged", "w");
    }
  }
}

package dev.fovea.formats.fuzz;

import dev.fovea.format.Json;
import dev.fovea.format.SafeTensors;
import dev.fovea.format.TensorFile;
import dev.fovea.formats.Zips;
import dev.fovea.formats.huggingface.Configs;
import dev.fovea.formats.numpy.Npy;
import dev.fovea.formats.numpy.NumpyFormat;
import dev.fovea.formats.onnx.Onnx;
import dev.fovea.formats.onnx.OnnxFormat;
import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.torch.TorchFormat;
import dev.fovea.graph.GraphJson;
import dev.fovea.model.CardJson;
import dev.fovea.model.Model;
import dev.fovea.model.NameMap;
import dev.fovea.tensor.FoveaException;
import dev.fovea.testkit.fuzz.FuzzedReader;
import dev.fovea.testkit.fuzz.Rules;
import dev.fovea.testkit.fuzz.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The readers of files from elsewhere: each reads all that can be read of such a file. */
enum Reader implements FuzzedReader {
  ONNX(".onnx", Reader::onnx),
  /** Inputs are lists of changes to valid models, so that lengths always fit and the tables of operators are reached. */
  ONNX_EDITS(".onnx", Reader::onnx, OnnxEdits::apply),
  TENSOR(".pb", Reader::tensor),
  TORCH(".pt", file -> tensors(new TorchFormat().tensors(file))),
  /** Inputs are the pickle within the archive. */
  PICKLE(".pt", file -> tensors(new TorchFormat().tensors(file)), Reader::checkpoint),
  SAFETENSORS(".safetensors", file -> tensors(SafeTensors.read(file))),
  NPY(".npy", file -> elements(Npy.read(file))),
  NPZ(".npz", file -> tensors(new NumpyFormat().tensors(file))),
  CONFIG("/config.json", file -> Configs.read(file.getParent())),
  NAME_MAP(".txt", NameMap::read),
  MODEL(".safetensors", Model::load),
  GRAPH(".json", file -> GraphJson.read(json(file), file.toString())),
  CARD(".json", file -> CardJson.read(json(file)));

  /** Elements that are read of one file: several tensors may share their bytes, so together they may be far more than the file has. */
  private static final int MAX_ELEMENTS = 1 << 18;

  private static final byte[] STORAGE = new byte[256];

  private final String suffix;
  private final Consumer<Path> body;
  private final UnaryOperator<byte[]> bytes;

  Reader(String suffix, Consumer<Path> body) {
    this(suffix, body, UnaryOperator.identity());
  }

  Reader(String suffix, Consumer<Path> body, UnaryOperator<byte[]> bytes) {
    this.suffix = suffix;
    this.body = body;
    this.bytes = bytes;
  }

  @Override
  public String suffix() {
    return suffix;
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    return Seeds.of(this);
  }

  @Override
  public byte[] bytes(byte[] input) {
    return bytes.apply(input);
  }

  @Override
  public void read(Path file) {
    body.accept(file);
  }

  @Override
  public String place() {
    return this == GRAPH || this == CARD ? "" : Target.FILE;
  }

  /** An ONNX file may compute constants, and is interpreted up to 13 times. */
  @Override
  public int spareMemory() {
    return this == ONNX || this == ONNX_EDITS ? 512 : FuzzedReader.super.spareMemory();
  }

  private static void onnx(Path file) {
    if (Rules.refusable(Target.FILE, () -> tensors(new OnnxFormat().tensors(file)))) {
      Rules.grant((long) Float.BYTES * Onnx.read(file).parameters().size());
    }
  }

  private static void tensor(Path path) {
    try (OnnxFile file = OnnxFile.open(path)) {
      OnnxTensor tensor = file.tensor();
      if (tensor.isReadable() && tensor.size() < MAX_ELEMENTS) {
        Rules.refusable("tensor", tensor::floats);
        Rules.refusable("tensor", tensor::doubles);
        Rules.refusable("tensor", tensor::longs);
      }
    }
  }

  private static void elements(Npy array) {
    if (array.shape().size() < MAX_ELEMENTS) {
      array.floats();
      if (array.isInteger()) {
        array.integers();
      }
    }
  }

  /** All tensors, each of which may be refused on its own. */
  private static void tensors(TensorFile open) {
    try (open) {
      int left = MAX_ELEMENTS;
      for (String name : open.names()) {
        if (left > 0 && open.has(name) && Rules.refusable(Target.FILE, () -> open.dtype(name))
            && Rules.refusable(Target.FILE, () -> open.shape(name))) {
          int size = open.shape(name).size();
          left -= size;
          if (left > 0) {
            Rules.refusable(Target.FILE, () -> open.readInto(name, new float[size], 0));
          }
        }
      }
      open.notes().forEach(note -> Rules.refusable(Target.FILE, () -> {
        throw new FoveaException(Target.FILE + ": " + note);
      }));
    }
  }

  private static byte[] checkpoint(byte[] pickle) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("net/data.pkl", pickle);
    for (int key = 0; key < 4; key++) {
      entries.put("net/data/" + key, Arrays.copyOf(STORAGE, STORAGE.length >> key));
    }
    entries.put("net/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return Zips.stored(entries);
  }

  private static Json.Obj json(Path file) {
    try {
      return Json.parseObject(Files.readString(file), file.toString());
    } catch (IOException e) { // not UTF-8, which the readers of files refuse
      return Json.object();
    }
  }
}

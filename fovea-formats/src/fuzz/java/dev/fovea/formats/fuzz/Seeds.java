package dev.fovea.formats.fuzz;

import dev.fovea.formats.Samples;
import dev.fovea.formats.Zips;
import dev.fovea.formats.numpy.Npy;
import dev.fovea.formats.onnx.Onnx;
import dev.fovea.graph.GraphJson;
import dev.fovea.model.CardJson;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The files from which the fuzzer starts: small ones made here, those of the tests, and, where they are, cases of other projects. */
final class Seeds {
  /** What the fuzzer found earlier, a folder for each reader. */
  static final Path KEPT = Path.of(System.getProperty("fovea.root"), "fovea-formats/src/fuzz/resources");

  private static final int MAX_BYTES = 16 << 10;

  private Seeds() {}

  /** Files for a reader, whether or not they are valid. */
  static List<byte[]> of(Reader reader) throws IOException {
    return switch (reader) {
      case ONNX ->
          joined(OnnxNodes.all(), elsewhere("onnx", name -> name.endsWith("model.onnx") && !name.contains("light-nets")));
      case ONNX_EDITS -> edits();
      case TENSOR -> elsewhere("onnx", name -> name.endsWith(".pb"));
      case TORCH -> tests("torch", ".pt");
      case PICKLE -> pickles();
      case SAFETENSORS, MODEL -> models();
      case NPY -> arrays();
      case NPZ -> joined(tests("numpy", ".npz"), List.of(Zips.deflated(Map.of("a.npy", arrays().getFirst()))));
      case CONFIG -> texts(CONFIG, OLD_CONFIG);
      case NAME_MAP -> texts("# names\nfc.weight = head.weight\nfc.bias=head.bias\n\n", "a.0.b = c\r\n");
      case GRAPH -> graphs().map(model -> bytes(GraphJson.write(model.graph()).text())).toList();
      case CARD -> graphs().limit(20).map(model -> bytes(CardJson.write(model.card()).text())).toList();
    };
  }

  private static final String CONFIG = """
      {"architecture": "resnet18", "num_classes": 3, "label_names": ["a", "b", "c"], "label_descriptions": {"a": "first"},
       "model_args": {"drop_rate": 0.1}, "pretrained_cfg": {"tag": "a1_in1k", "input_size": [3, 224, 224], "crop_pct": 0.95,
       "crop_mode": "center", "interpolation": "bicubic", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}
      """;

  private static final String OLD_CONFIG = """
      {"architecture": "vgg11", "num_classes": 2, "id2label": {"0": "no", "1": "yes"}, "input_size": [3, 32, 32],
       "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "crop_pct": 1.0, "crop_mode": "squash", "license": "mit"}
      """;

  /** One for each file: no changes yet. */
  private static List<byte[]> edits() {
    List<byte[]> inputs = new ArrayList<>();
    for (int i = 0; i < OnnxNodes.all().size(); i++) {
      inputs.add(new byte[] {(byte) (i >> 8), (byte) i, 9, 0, 0, (byte) (i / 2)});
      inputs.add(new byte[] {(byte) (i >> 8), (byte) i});
    }
    return inputs;
  }

  /** The pickles of the checkpoints. */
  private static List<byte[]> pickles() throws IOException {
    List<byte[]> pickles = new ArrayList<>();
    Path file = Files.createTempFile("seed", ".pt");
    for (byte[] checkpoint : tests("torch", ".pt")) {
      if (checkpoint[0] != 'P') {
        continue; // the form before archives
      }
      try (ZipFile zip = new ZipFile(Samples.write(file, checkpoint).toFile())) {
        for (ZipEntry entry : Collections.list(zip.entries())) {
          if (entry.getName().endsWith(".pkl")) {
            pickles.add(zip.getInputStream(entry).readAllBytes());
          }
        }
      }
    }
    Files.delete(file);
    return pickles;
  }

  /** The networks of one node that can be imported. */
  private static Stream<Model> graphs() throws IOException {
    Path file = Files.createTempFile("seed", ".onnx");
    List<Model> models = new ArrayList<>();
    for (byte[] node : OnnxNodes.all()) {
      try {
        models.add(Onnx.read(Samples.write(file, node)));
      } catch (FoveaException e) {
        // it is there for its message
      }
    }
    Files.delete(file);
    return models.stream();
  }

  private static List<byte[]> models() throws IOException {
    Path file = Files.createTempFile("seed", ".safetensors");
    List<byte[]> files = new ArrayList<>();
    for (Model model : graphs().filter(model -> model.parameters().size() > 0).toList()) {
      model.save(file);
      files.add(Files.readAllBytes(file));
    }
    Files.delete(file);
    return files;
  }

  private static List<byte[]> arrays() throws IOException {
    Path file = Files.createTempFile("seed", ".npy");
    Npy.write(file, new Tensor(Shape.of(2, 3), new float[] {1, 2, 3, 4, 5, 6}));
    List<byte[]> files = new ArrayList<>(List.of(Files.readAllBytes(file)));
    Files.delete(file);
    for (String type : List.of("<f2", ">f8", "|b1", "<i8", ">u2", "|u1", "<u8", ">i4")) {
      String header = "{'descr': '" + type + "', 'fortran_order': True, 'shape': (2, 2, 1), }";
      files.add(joined("\u0093NUMPY\1\0" + (char) header.length() + "\0" + header, 4 * (type.charAt(2) - '0')));
    }
    return files;
  }

  private static byte[] joined(String header, int zeros) {
    return Arrays.copyOf(header.getBytes(StandardCharsets.ISO_8859_1), header.length() + zeros);
  }

  private static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(Seeds::bytes).toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<byte[]> joined(List<byte[]> first, List<byte[]> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** The small files of the ordinary tests. */
  private static List<byte[]> tests(String folder, String suffix) throws IOException {
    Path files = KEPT.resolve("../../test/resources/dev/fovea/formats").resolve(folder).normalize();
    return read(files, name -> name.endsWith(suffix));
  }

  /** Files of the data that lies next to the project, none if there is none. */
  private static List<byte[]> elsewhere(String folder, Predicate<String> name) throws IOException {
    Path shared = Path.of(System.getProperty("fovea.root")).resolveSibling("shared/data").resolve(folder);
    return Files.isDirectory(shared) ? read(shared, name) : List.of();
  }

  private static List<byte[]> read(Path folder, Predicate<String> name) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(folder.toRealPath())) {
      for (Path file : all.filter(each -> name.test(each.toString())).sorted().toList()) {
        if (Files.size(file) <= MAX_BYTES) {
          files.add(Files.readAllBytes(file));
        }
      }
    }
    return files;
  }
}

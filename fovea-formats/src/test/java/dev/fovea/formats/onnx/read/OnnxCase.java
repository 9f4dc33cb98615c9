package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Workspace;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A case of ONNX's conformance suite: a model with inputs and the outputs that it should give.
 *
 * @param types the element types of its tensors
 * @param core whether it is about operators that a CNN library needs
 */
record OnnxCase(String suite, String name, String operators, String types, boolean core, double rtol, double atol, Path folder) {
  private static final Set<String> CONSTANT_OPERANDS =
      Set.of("Resize", "Upsample", "Pad", "Dropout", "OneHot", "Range", "ConstantOfShape");

  /** What the index beside the suites lists. */
  static List<OnnxCase> all(Path onnx) throws IOException {
    List<OnnxCase> cases = new ArrayList<>();
    for (String line : Files.readAllLines(onnx.resolve("INDEX.tsv"))) {
      String[] cells = line.split("\t", -1);
      if (!cells[0].equals("suite")) {
        cases.add(new OnnxCase(cells[0], cells[1], cells[2], cells[4], cells[5].equals("core"), Double.parseDouble(cells[7]),
            Double.parseDouble(cells[8]), onnx.resolve(cells[0]).resolve(cells[1])));
      }
    }
    return cases;
  }

  boolean hasFloats() {
    return types.equals("FLOAT") || types.equals("FLOAT/INT64");
  }

  /** Whether the case has windows over three axes. */
  boolean isThreeDimensional() {
    boolean windows = operators.contains("Pool") || operators.contains("Conv");
    return windows && name.toLowerCase(Locale.ROOT).contains("3d");
  }

  /** Empty if the case passes, else what is wrong. */
  String failure() {
    try {
      for (Path set : sets()) {
        String failure = failure(set);
        if (!failure.isEmpty()) {
          return failure;
        }
      }
      return "";
    } catch (FoveaException e) {
      return String.valueOf(e.getMessage());
    } catch (IOException e) {
      return "cannot be read: " + e;
    }
  }

  private List<Path> sets() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("test_data_set_")).sorted().toList();
    }
  }

  private String failure(Path set) throws IOException {
    try (OnnxFile file = OnnxFile.open(folder.resolve("model.onnx"))) {
      OnnxModel model = file.model();
      Map<String, float[]> inputs = new LinkedHashMap<>();
      ReadOptions options = options(model, set, inputs);
      Imported imported = OnnxReader.read(model, name, options);
      Map<String, float[]> outputs = run(imported.graph(), imported.parameters(), inputs);
      List<String> names = model.graph().outputs().stream().map(OnnxValue::name).toList();
      for (int i = 0; i < names.size(); i++) {
        try (OnnxFile tensorFile = OnnxFile.open(set.resolve("output_" + i + ".pb"))) {
          OnnxTensor expected = tensorFile.tensor();
          String different =
              difference(expected, Objects.requireNonNull(outputs.get(names.get(i))), imported.graph().outputShape(names.get(i)));
          if (!different.isEmpty()) {
            return "output " + names.get(i) + ": " + different;
          }
        }
      }
      return "";
    }
  }

  /** The inputs' shapes, and the elements of those that the network needs as constants; those of the others go to {@code inputs}. */
  private static ReadOptions options(OnnxModel model, Path set, Map<String, float[]> inputs) throws IOException {
    Set<String> initialised = new HashSet<>();
    model.graph().initializers().forEach(tensor -> initialised.add(tensor.name()));
    ReadOptions options = ReadOptions.none();
    int index = 0;
    for (OnnxValue input : model.graph().inputs()) {
      if (initialised.contains(input.name())) {
        continue;
      }
      Path path = set.resolve("input_" + index++ + ".pb");
      try (OnnxFile tensorFile = OnnxFile.open(path)) {
        OnnxTensor tensor = tensorFile.tensor();
        Array array = Array.of(tensor);
        if (isConstant(model, input.name(), tensor.type()) || array.size() == 0) {
          options = options.value(input.name(), copy(array));
        } else {
          inputs.put(input.name(), tensor.floats());
          options = options.shape(input.name(), new Shape(array.shape()));
        }
      }
    }
    return options;
  }

  /** The model, and what its first set of inputs is read with. */
  record Question(OnnxModel model, ReadOptions options) {}

  Question question() throws IOException {
    OnnxModel model = OnnxFile.of(name, Files.readAllBytes(folder.resolve("model.onnx"))).model();
    return new Question(model, options(model, sets().getFirst(), new LinkedHashMap<>()));
  }

  /** The array with its elements in memory. */
  private static Array copy(Array array) {
    if (array.isFloat()) {
      double[] values = new double[array.size()];
      Arrays.setAll(values, array::real);
      return Array.reals(array.type(), array.dims(), values);
    }
    return Array.integers(array.type(), array.dims(), array.integers());
  }

  private static boolean isConstant(OnnxModel model, String input, OnnxType type) {
    if (!type.isFloat()) {
      return model.graph().nodes().stream().noneMatch(node -> node.type().equals("MaxUnpool"));
    }
    for (OnnxNode node : model.graph().nodes()) {
      if (CONSTANT_OPERANDS.contains(node.type()) && node.inputs().indexOf(input) > 0) {
        return true;
      }
    }
    return false;
  }

  static Map<String, float[]> run(Graph graph, Parameters parameters, Map<String, float[]> inputs) {
    Program program = Backends.find().compile(Rewrite.inference(graph), parameters, 1);
    Workspace workspace = program.workspace();
    program.graph().inputs().forEach(input -> {
      Workspace.Slot slot = workspace.input(input.name());
      System.arraycopy(inputs.get(input.name()), 0, slot.array(), slot.offset(), slot.shape().size());
    });
    program.run(workspace);
    Map<String, float[]> outputs = new LinkedHashMap<>();
    graph.outputs().keySet().forEach(name -> {
      Workspace.Slot slot = workspace.output(name);
      outputs.put(name, Arrays.copyOfRange(slot.array(), slot.offset(), slot.offset() + slot.shape().size()));
    });
    return outputs;
  }

  private String difference(OnnxTensor expected, float[] got, Shape shape) {
    if (!expected.dims().equals(shape.dims().stream().map(Integer::longValue).toList())) {
      return "has the shape " + shape + ", expected " + expected.dims();
    }
    double[] values = expected.doubles();
    for (int i = 0; i < values.length; i++) {
      boolean equal = got[i] == values[i] || Double.isNaN(got[i]) && Double.isNaN(values[i])
          || Math.abs(got[i] - values[i]) <= atol + rtol * Math.abs(values[i]);
      if (!equal) {
        return "element " + i + " is " + got[i] + ", expected " + values[i];
      }
    }
    return "";
  }
}

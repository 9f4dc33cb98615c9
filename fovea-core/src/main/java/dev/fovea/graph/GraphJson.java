package dev.fovea.graph;

import dev.fovea.format.Json;
import dev.fovea.format.Json.Obj;
import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A forward graph as JSON, as a model file stores it: {@code {"nodes": [{"op": "Conv", "inputs": [0, 1], ...}], "outputs": {...}}}.
 * Shapes are inferred again on reading, so a file cannot declare shapes that do not fit.
 */
public final class GraphJson {
  private static final int MAX_NAME_LENGTH = 1000;

  /** More nodes than any network has. */
  private static final int MAX_NODES = 1 << 15;

  /** Enum names in older files, and their current names. */
  private static final Map<String, String> FORMER_NAMES = Map.of("PICTURE", "IMAGE");

  private GraphJson() {}

  public static Obj write(Graph graph) {
    List<Json> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Obj json = attributes(Json.object().with("op", node.op().type()), node.op());
      if (!node.inputs().isEmpty()) {
        json = json.with("inputs", node.inputs().stream().mapToInt(Value::id).toArray());
      }
      nodes.add(node.path().isEmpty() ? json : json.with("path", node.path()));
    }
    Map<String, Json> outputs = new LinkedHashMap<>();
    graph.outputs().forEach((name, value) -> outputs.put(name, Json.Num.of(value.id())));
    Map<String, Json> heads = new LinkedHashMap<>();
    graph.heads().forEach((name, weight) -> heads.put(name, Json.Num.of((double) weight)));
    Obj json = Json.object().with("nodes", new Json.Arr(nodes)).with("outputs", new Obj(outputs));
    return graph.heads().isEmpty() ? json : json.with("heads", new Obj(heads));
  }

  private static Obj attributes(Obj json, Op op) {
    return switch (op) {
      case Op.Input(String name, Shape shape, List<Integer> fixed) -> {
        Obj named = shaped(json.with("name", name), shape);
        yield fixed.isEmpty() ? named : named.with("fixed", array(fixed));
      }
      case Op.Param(String name, Shape shape, Init init, boolean trainable) ->
          shaped(json.with("name", name), shape).with("init", init(init)).with("trainable", trainable);
      case Op.Fill(Shape shape, float value) -> shaped(json, shape).with("value", value);
      case Op.Conv(Window w, int groups) -> windowed(json, w).with("groups", groups);
      case Op.ConvTranspose(Window w, int groups, int extraH, int extraW) ->
          windowed(json, w).with("groups", groups).with("extra", new int[] {extraH, extraW});
      case Op.MaxPool(Window w) -> windowed(json, w);
      case Op.AveragePool(Window w, boolean counted) -> windowed(json, w).with("countPadding", counted);
      case Op.Gemm(boolean transA, boolean transB) -> json.with("transA", transA).with("transB", transB);
      case Op.LeakyRelu(float slope) -> json.with("slope", slope);
      case Op.MaxUnpool(Window w) -> windowed(json, w);
      case Op.MaxPick(Window w) -> windowed(json, w);
      case Op.LocalConv(Window w) -> windowed(json, w);
      case Op.AdaptiveAveragePool(int h, int w) -> json.with("size", new int[] {h, w});
      case Op.AdaptiveMaxPool(int h, int w) -> json.with("size", new int[] {h, w});
      case Op.Reshape(List<Op.Dim> dims) -> reshape(json, dims);
      case Op.Transpose(List<Integer> perm) -> json.with("perm", array(perm));
      case Op.Gather(int axis, List<Integer> indices) -> json.with("axis", axis).with("indices", array(indices));
      case Op.GatherElements(int axis) -> json.with("axis", axis);
      case Op.TopK(int axis, int k) -> json.with("axis", axis).with("k", k);
      case Op.ReduceMax(int axis) -> json.with("axis", axis);
      case Op.Concat(int axis) -> axis(json, axis);
      case Op.Softmax(int axis) -> axis(json, axis);
      case Op.LogSoftmax(int axis) -> axis(json, axis);
      case Op.Slice(int axis, int from, int to) -> json.with("axis", axis).with("from", from).with("to", to);
      case Op.Pad(int axis, int before, int after) -> json.with("axis", axis).with("before", before).with("after", after);
      case Op.PadToMultiple(int multiple) -> json.with("multiple", multiple);
      case Op.Crop(int top, int left) -> json.with("offset", new int[] {top, left});
      case Op.Resize(Op.Interpolation how, int scale) -> json.with("interpolation", how.name()).with("scale", scale);
      case Op.ExponentialRace(String name) -> json.with("name", name);
      case Op.Clip(float min, float max) -> json.with("min", min).with("max", max);
      case Op.Elu(float alpha) -> json.with("alpha", alpha);
      case Op.Pow(float exponent) -> json.with("exponent", exponent);
      case Op.Maxout(int pieces) -> json.with("pieces", pieces);
      case Op.Sum(int axis) -> json.with("axis", axis);
      case Op.OneHot(int classes) -> json.with("classes", classes);
      case Op.Lrn(int size, float alpha, float beta, float k) ->
          json.with("size", size).with("alpha", alpha).with("beta", beta).with("k", k);
      case Op.BatchNormalization(float epsilon, float momentum) -> json.with("epsilon", epsilon).with("momentum", momentum);
      case Op.RowNormalization(int axis, int groups, float epsilon) ->
          json.with("axis", axis).with("groups", groups).with("epsilon", epsilon);
      case Op.Dropout(String name, float rate, Op.Unit unit) ->
          json.with("name", name).with("rate", rate).with("unit", unit.name());
      case Op.SoftmaxCrossEntropyLoss(float smoothing, int ignored) -> json.with("smoothing", smoothing).with("ignored", ignored);
      case Op.Flatten _, Op.MatMul _, Op.Add _, Op.Mul _, Op.Div _, Op.Max _, Op.Less _, Op.Where _ -> json;
      case Op.Relu _, Op.Sigmoid _, Op.Tanh _, Op.Softplus _, Op.Erf _, Op.Exp _, Op.Log _, Op.Sin _, Op.Cos _ -> json;
      case Op.Floor _, Op.Round _, Op.Mean _, Op.SigmoidCrossEntropyLoss _ -> json;
      case Op.Adjoint adjoint -> throw new IllegalArgumentException("only forward graphs are stored, not " + adjoint.type());
    };
  }

  private static int[] array(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Axis 1, along which these operators once all worked, is not written, so that older versions can read such a graph. */
  private static Obj axis(Obj json, int axis) {
    return axis == 1 ? json : json.with("axis", axis);
  }

  private static Obj shaped(Obj json, Shape shape) {
    return json.with("shape", array(shape.dims()));
  }

  /** The sizes of an image alone or, in general, for each axis a size, {@code {"axis": 0}} or {@code "rest"}. */
  private static Obj reshape(Obj json, List<Op.Dim> dims) {
    if (!dims.isEmpty() && dims.getFirst().equals(new Op.Dim.Axis(0))
        && dims.stream().skip(1).allMatch(Op.Dim.Size.class::isInstance)) {
      return json.with("shape", dims.stream().skip(1).mapToInt(dim -> ((Op.Dim.Size) dim).size()).toArray());
    }
    return json.with("dims", new Json.Arr(dims.stream().<Json>map(dim -> switch (dim) {
      case Op.Dim.Size(int size) -> Json.Num.of(size);
      case Op.Dim.Axis(int axis) -> Json.object().with("axis", axis);
      case Op.Dim.Rest _ -> new Json.Str("rest");
    }).toList()));
  }

  private static Obj windowed(Obj json, Window w) {
    return json.with("kernel", new int[] {w.kernelH(), w.kernelW()})
        .with("stride", new int[] {w.strideH(), w.strideW()})
        .with("pads", new int[] {w.top(), w.left(), w.bottom(), w.right()})
        .with("dilation", new int[] {w.dilationH(), w.dilationW()})
        .with("ceil", w.ceil());
  }

  private static Obj init(Init init) {
    return switch (init) {
      case Init.Uniform(float bound) -> Json.object().with("uniform", bound);
      case Init.Normal(float std) -> Json.object().with("normal", std);
      case Init.Constant(float value) -> Json.object().with("constant", value);
      case Init.Ones(List<Integer> indices) -> Json.object().with("ones", array(indices));
      case Init.Bilinear() -> Json.object().with("bilinear", true);
      case Init.GaussianKernel(float sigma) -> Json.object().with("gaussianKernel", sigma);
    };
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param source for error messages: the file
   */
  public static Graph read(Obj json, String source) {
    List<Obj> nodes = json.objects("nodes");
    if (nodes.size() > MAX_NODES) {
      throw new FoveaException(source + ": a graph of " + nodes.size() + " nodes; the limit is " + MAX_NODES);
    }
    GraphBuilder g = new GraphBuilder();
    for (int i = 0; i < nodes.size(); i++) {
      Obj node = nodes.get(i);
      List<Value> inputs = inputs(node, i, source);
      try {
        g.at(node.has("path") ? name(node, "path") : "", () -> g.op(op(node, source), inputs));
      } catch (FoveaException e) {
        throw new FoveaException(source + ": node " + i + " of its graph: " + e.getMessage(), e);
      }
    }
    Obj outputs = json.object("outputs");
    Obj heads = json.has("heads") ? json.object("heads") : Json.object();
    for (String name : heads.members().keySet()) {
      if (!outputs.has(name)) {
        throw new FoveaException(source + ": head " + Quote.quote(name) + " is not one of the graph's outputs");
      }
    }
    for (String name : outputs.members().keySet()) {
      requireName(name, source + ": output");
      int id = outputs.integer(name);
      if (id < 0 || id >= nodes.size()) {
        throw new FoveaException(source + ": output " + Quote.quote(name) + " names node " + id + " of " + nodes.size());
      }
      if (heads.has(name)) {
        g.head(name, new Value(id), number(heads, name));
      } else {
        g.output(name, new Value(id));
      }
    }
    return g.build();
  }

  private static List<Value> inputs(Obj node, int position, String source) {
    List<Value> inputs = new ArrayList<>();
    if (node.has("inputs")) {
      for (int id : node.ints("inputs")) {
        if (id < 0 || id >= position) {
          throw new FoveaException(
              source + ": node " + position + " of its graph reads node " + id + ", which does not come before it");
        }
        inputs.add(new Value(id));
      }
    }
    return inputs;
  }

  private static Op op(Obj json, String source) {
    String name = json.string("op");
    return switch (name) {
      case "Input" ->
          new Op.Input(name(json, "name"), shape(json), json.has("fixed") ? integers(json, "fixed") : List.of());
      case "Param" -> new Op.Param(name(json, "name"), shape(json), init(json.object("init")), json.bool("trainable"));
      case "Fill" -> new Op.Fill(shape(json), (float) json.number("value"));
      case "Conv" -> new Op.Conv(window(json), json.integer("groups"));
      case "ConvTranspose" -> {
        int[] extra = ints(json, "extra", 2);
        yield new Op.ConvTranspose(window(json), json.integer("groups"), extra[0], extra[1]);
      }
      case "MaxPool" -> new Op.MaxPool(window(json));
      case "AveragePool" -> new Op.AveragePool(window(json), json.bool("countPadding"));
      case "Gemm" -> new Op.Gemm(json.bool("transA"), json.bool("transB"));
      case "Flatten" -> new Op.Flatten();
      case "Add" -> new Op.Add();
      case "Mul" -> new Op.Mul();
      case "Div" -> new Op.Div();
      case "Max" -> new Op.Max();
      case "Less" -> new Op.Less();
      case "Where" -> new Op.Where();
      case "Relu" -> new Op.Relu();
      case "LeakyRelu" -> new Op.LeakyRelu((float) json.number("slope"));
      case "Sigmoid" -> new Op.Sigmoid();
      case "Tanh" -> new Op.Tanh();
      case "Dropout" ->
          new Op.Dropout(json.string("name"), number(json, "rate"), choice(json, "unit", Op.Unit.class));
      case "MaxUnpool" -> new Op.MaxUnpool(window(json));
      case "MaxPick" -> new Op.MaxPick(window(json));
      case "LocalConv" -> new Op.LocalConv(window(json));
      case "AdaptiveAveragePool" -> new Op.AdaptiveAveragePool(ints(json, "size", 2)[0], ints(json, "size", 2)[1]);
      case "AdaptiveMaxPool" -> new Op.AdaptiveMaxPool(ints(json, "size", 2)[0], ints(json, "size", 2)[1]);
      case "Reshape" -> json.has("dims") ? new Op.Reshape(dims(json)) : Op.Reshape.image(shape(json));
      case "Transpose" -> new Op.Transpose(integers(json, "perm"));
      case "MatMul" -> new Op.MatMul();
      case "Gather" -> new Op.Gather(json.integer("axis"), integers(json, "indices"));
      case "GatherElements" -> new Op.GatherElements(json.integer("axis"));
      case "TopK" -> new Op.TopK(json.integer("axis"), json.integer("k"));
      case "Concat" -> new Op.Concat(axis(json));
      case "Slice" -> new Op.Slice(json.integer("axis"), json.integer("from"), json.integer("to"));
      case "Pad" -> new Op.Pad(json.integer("axis"), json.integer("before"), json.integer("after"));
      case "PadToMultiple" -> new Op.PadToMultiple(json.integer("multiple"));
      case "Crop" -> new Op.Crop(ints(json, "offset", 2)[0], ints(json, "offset", 2)[1]);
      case "Resize" -> new Op.Resize(choice(json, "interpolation", Op.Interpolation.class), json.integer("scale"));
      case "ExponentialRace", "Race" -> new Op.ExponentialRace(json.string("name"));
      case "Clip" -> new Op.Clip(number(json, "min"), number(json, "max"));
      case "Elu" -> new Op.Elu(number(json, "alpha"));
      case "Softplus" -> new Op.Softplus();
      case "Erf" -> new Op.Erf();
      case "Exp" -> new Op.Exp();
      case "Log" -> new Op.Log();
      case "Sin" -> new Op.Sin();
      case "Cos" -> new Op.Cos();
      case "Floor" -> new Op.Floor();
      case "Round" -> new Op.Round();
      case "Pow" -> new Op.Pow(number(json, "exponent"));
      case "Maxout" -> new Op.Maxout(json.integer("pieces"));
      case "Sum" -> new Op.Sum(json.integer("axis"));
      case "ReduceMax" -> new Op.ReduceMax(json.integer("axis"));
      case "Mean" -> new Op.Mean();
      case "OneHot" -> new Op.OneHot(json.integer("classes"));
      case "Lrn" -> new Op.Lrn(json.integer("size"), number(json, "alpha"), number(json, "beta"), number(json, "k"));
      case "BatchNormalization" -> new Op.BatchNormalization(number(json, "epsilon"), number(json, "momentum"));
      case "RowNormalization" ->
          new Op.RowNormalization(json.integer("axis"), json.integer("groups"), number(json, "epsilon"));
      case "Softmax" -> new Op.Softmax(axis(json));
      case "LogSoftmax" -> new Op.LogSoftmax(axis(json));
      case "SoftmaxCrossEntropyLoss" -> new Op.SoftmaxCrossEntropyLoss(number(json, "smoothing"), json.integer("ignored"));
      case "SigmoidCrossEntropyLoss" -> new Op.SigmoidCrossEntropyLoss();
      default ->
          throw new FoveaException("unknown operator " + Quote.plain(name) + "; was " + source + " written by a newer Fovea?");
    };
  }

  private static String name(Obj json, String key) {
    String name = json.string(key);
    requireName(name, key);
    return name;
  }

  /** Names appear in tables and one-line messages. */
  private static void requireName(String name, String what) {
    if (name.length() > MAX_NAME_LENGTH || name.chars().anyMatch(Character::isISOControl)) {
      throw new FoveaException(what + ": a name has at most " + MAX_NAME_LENGTH + " characters and no control characters, got "
          + new Json.Str(name).describe());
    }
  }

  private static float number(Obj json, String key) {
    return (float) json.number(key);
  }

  private static <E extends Enum<E>> E choice(Obj json, String key, Class<E> choices) {
    String name = FORMER_NAMES.getOrDefault(json.string(key), json.string(key));
    for (E choice : choices.getEnumConstants()) {
      if (choice.name().equals(name)) {
        return choice;
      }
    }
    throw new FoveaException(
        key + ": expected one of " + Arrays.toString(choices.getEnumConstants()) + ", got " + Quote.quote(name));
  }

  private static List<Integer> integers(Obj json, String key) {
    return Arrays.stream(json.ints(key)).boxed().toList();
  }

  private static int axis(Obj json) {
    return json.has("axis") ? json.integer("axis") : 1;
  }

  private static List<Op.Dim> dims(Obj json) {
    return json.list("dims").stream().<Op.Dim>map(dim -> switch (dim) {
      case Json.Num size -> new Op.Dim.Size(size.asInt());
      case Obj axis -> new Op.Dim.Axis(axis.integer("axis"));
      case Json.Str(String name) when name.equals("rest") -> new Op.Dim.Rest();
      default -> throw new FoveaException("dims: expected sizes, axes and \"rest\", got " + dim.describe());
    }).toList();
  }

  private static Shape shape(Obj json) {
    return Shape.of(json.ints("shape"));
  }

  private static Window window(Obj json) {
    int[] kernel = ints(json, "kernel", 2);
    int[] stride = ints(json, "stride", 2);
    int[] pads = ints(json, "pads", 4);
    int[] dilation = ints(json, "dilation", 2);
    return Window.of(kernel[0], kernel[1])
        .stride(stride[0], stride[1])
        .padding(pads[0], pads[1], pads[2], pads[3])
        .dilation(dilation[0], dilation[1])
        .ceil(json.bool("ceil"));
  }

  private static int[] ints(Obj json, String key, int count) {
    int[] values = json.ints(key);
    if (values.length != count) {
      throw new FoveaException(key + ": expected " + count + " numbers, got " + values.length);
    }
    return values;
  }

  private static Init init(Obj json) {
    Map<String, Json> members = new LinkedHashMap<>(json.members());
    String kind = members.isEmpty() ? "" : members.keySet().iterator().next();
    return switch (kind) {
      case "uniform" -> new Init.Uniform((float) json.number(kind));
      case "normal" -> new Init.Normal((float) json.number(kind));
      case "constant" -> new Init.Constant((float) json.number(kind));
      case "ones" -> new Init.Ones(integers(json, kind));
      case "bilinear" -> new Init.Bilinear();
      case "gaussianKernel" -> new Init.GaussianKernel((float) json.number(kind));
      default -> throw new FoveaException("unknown initialisation " + Quote.quote(kind));
    };
  }
}

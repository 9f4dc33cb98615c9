package dev.fovea.formats.onnx.call;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Places constant arrays in the graph. An array of the file is one parameter, however many nodes use it and under whatever shapes;
 * a number is a {@link Op.Fill}.
 */
public final class Weights {
  private static final int MAX_NAME = 200;
  private static final int MAX_CHECKED = 1 << 12;

  private final GraphBuilder g;
  private final IdentityHashMap<Object, Value> placed = new IdentityHashMap<>();
  private final IdentityHashMap<Object, Value> transposed = new IdentityHashMap<>();
  private final Map<String, Array> arrays = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> frozen;

  /**
   * For a graph that is being built.
   *
   * @param inputs names that parameters must not have
   * @param frozen the parameters that training does not change, besides those that it never does
   */
  public Weights(GraphBuilder g, Set<String> inputs, Set<String> frozen) {
    this.g = g;
    this.frozen = frozen;
    names.addAll(inputs);
  }

  /** The arrays by the names of their parameters. */
  public Map<String, Array> arrays() {
    return arrays;
  }

  /** The small parameters whose elements are all equal, with their value: what exporters write where a layer has no gain or bias. */
  public Map<String, Float> uniform() {
    Map<String, Float> uniform = new HashMap<>();
    arrays.forEach((name, array) -> {
      if (array.size() <= MAX_CHECKED && array.isUniformNow()) {
        uniform.put(name, (float) array.real(0));
      }
    });
    return uniform;
  }

  /**
   * A parameter with these elements.
   *
   * @param fallback its name if the array has none, since it was computed
   * @param trainable whether training changes it; a computed one stays as it is
   */
  public Value parameter(Array array, String fallback, boolean trainable) {
    Shape shape = shape(array);
    Value matrix = transposed.get(array.elements());
    Value known = matrix == null ? placed.get(array.elements())
        : placed.computeIfAbsent(array.elements(), _ -> g.op(new Op.Transpose(List.of(1, 0)), matrix));
    if (known != null) {
      return g.shape(known).equals(shape) ? known : g.op(Op.Reshape.of(shape), known);
    }
    Value value = place(array, fallback, trainable);
    placed.put(array.elements(), value);
    return value;
  }

  /**
   * The weight of a fully connected layer, {@code [out, in]}, from a matrix {@code [in, out]}; empty if the matrix already is a
   * parameter as it is, since an array of the file is one parameter.
   */
  public Optional<Value> linear(Array matrix, String fallback) {
    Shape shape = shape(matrix.transposed());
    if (!placed.containsKey(matrix.elements())) {
      transposed.computeIfAbsent(matrix.elements(), _ -> place(matrix.transposed(), fallback, true));
    }
    return Optional.ofNullable(transposed.get(matrix.elements())).filter(value -> g.shape(value).equals(shape));
  }

  private Value place(Array array, String fallback, boolean trainable) {
    String name = unique(array.name().isEmpty() ? fallback : array.name());
    boolean fromFile = !array.name().isEmpty() && array.isFloat();
    arrays.put(name, array);
    return g.op(new Op.Param(name, shape(array), new Init.Constant(0), trainable && fromFile && !frozen.contains(name)));
  }

  /** The constant where its elements may as well be written into the graph, else a parameter. */
  public Value constant(Array array, String fallback, boolean trainable) {
    if (array.size() == 1 || (array.isUniform() && !isVector(array))) {
      return g.op(new Op.Fill(shape(array), (float) array.real(0)));
    }
    return parameter(array, fallback, trainable);
  }

  /** Whether it is a tensor of the file with one axis, such as a bias that is still zero. */
  public static boolean isVector(Array array) {
    return !array.name().isEmpty() && array.size() > 1 && array.shape().stream().filter(size -> size != 1).count() == 1;
  }

  public static Shape shape(Array array) {
    if (array.size() == 0) {
      throw new Refusal("an empty array (" + array + ") is not supported");
    }
    return new Shape(array.shape());
  }

  /** Names appear in tables and files: no control characters, not endless, each once. */
  private String unique(String wanted) {
    StringBuilder plain = new StringBuilder();
    wanted.codePoints().limit(MAX_NAME).map(c -> Character.isISOControl(c) || Character.isSurrogate((char) c) ? '_' : c)
        .forEach(plain::appendCodePoint);
    String name = plain.isEmpty() ? "constant" : plain.toString();
    for (int i = 1; !names.add(name); i++) {
      name = plain + "_" + i;
    }
    return name;
  }

  /** The parameters of a graph, with the elements of their arrays. */
  public static Parameters parameters(Graph graph, Map<String, Array> arrays) {
    long bytes = Float.BYTES * graph.params().stream().mapToLong(param -> param.shape().size()).sum();
    if (bytes > Runtime.getRuntime().maxMemory()) {
      throw tooLarge(bytes);
    }
    Parameters parameters = zeros(graph, bytes);
    for (Op.Param param : graph.params()) {
      Objects.requireNonNull(arrays.get(param.name())).copyTo(parameters.values(), parameters.entry(param.name()).offset());
    }
    return parameters;
  }

  private static Parameters zeros(Graph graph, long bytes) {
    try {
      return Parameters.zeros(graph);
    } catch (OutOfMemoryError e) { // the array is one: nothing else is missing when it does not fit
      FoveaException tooLarge = tooLarge(bytes);
      tooLarge.addSuppressed(e);
      throw tooLarge;
    }
  }

  private static FoveaException tooLarge(long bytes) {
    return new FoveaException("its parameters take " + (bytes >> 20) + " MiB, more than is left of the memory that Java may use ("
        + (Runtime.getRuntime().maxMemory() >> 20) + " MiB): start it with a larger -Xmx");
  }
}

package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxAttribute;
import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.RealData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** ONNX's cases with damaged attributes, operands and shapes: each is read, or refused in one line that names the node. */
class OnnxReaderFuzzTest {
  private static final int DAMAGES = 4;
  private static final long[] INTEGERS = {-1, 0, 1, 2, 3, 5, -2, -7, 100, 1L << 31, 1L << 40, Long.MIN_VALUE};

  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void damagedNodesAreReadOrRefused() throws IOException {
    int refused = 0;
    int all = 0;
    for (OnnxCase test : OnnxCase.all(RealData.folder("onnx"))) {
      OnnxCase.Question question;
      try {
        question = test.question();
      } catch (FoveaException e) {
        continue;
      }
      for (int i = 0; i < DAMAGES; i++) {
        OnnxModel model = random.nextInt(3) == 0 ? question.model() : damaged(question.model());
        ReadOptions options =
            model.equals(question.model()) || random.nextInt(3) == 0 ? damaged(question.options()) : question.options();
        all++;
        refused += isRefused(model, options, test.name() + " #" + i) ? 1 : 0;
      }
    }
    assertThat(all).isGreaterThan(1000);
    assertThat(refused).isBetween(all / 4, all * 9 / 10);
  }

  private static boolean isRefused(OnnxModel model, ReadOptions options, String name) {
    try {
      OnnxReader.read(model, name, options);
      return false;
    } catch (FoveaException e) {
      assertThat(e.getMessage()).startsWith(name + ": ").matches("\\P{Cntrl}+").doesNotContain("that do not fit each other");
      return true;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      throw new AssertionError(name, e);
    }
  }

  private OnnxModel damaged(OnnxModel model) {
    OnnxGraph graph = model.graph();
    List<OnnxNode> nodes = new ArrayList<>(graph.nodes());
    int at = random.nextInt(nodes.size());
    nodes.set(at, damaged(nodes.get(at)));
    return new OnnxModel(model.irVersion(), model.producer(), model.opsets(),
        new OnnxGraph(graph.name(), nodes, graph.initializers(), graph.inputs(), graph.outputs(), graph.values()),
        model.functions(), model.metadata());
  }

  private OnnxNode damaged(OnnxNode node) {
    List<String> inputs = new ArrayList<>(node.inputs());
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>(node.attributes());
    if (!attributes.isEmpty() && random.nextInt(4) != 0) {
      String name = List.copyOf(attributes.keySet()).get(random.nextInt(attributes.size()));
      if (random.nextInt(5) == 0) {
        attributes.remove(name);
      } else {
        attributes.computeIfPresent(name, (_, value) -> damaged(value));
      }
    } else if (!inputs.isEmpty()) {
      int at = random.nextInt(inputs.size());
      switch (random.nextInt(3)) {
        case 0 -> inputs.remove(at);
        case 1 -> inputs.set(at, "");
        default -> inputs.set(at, inputs.get(random.nextInt(inputs.size())));
      }
    }
    return new OnnxNode(node.name(), node.domain(), node.type(), node.overload(), inputs, node.outputs(), attributes);
  }

  private OnnxAttribute damaged(OnnxAttribute value) {
    return switch (value) {
      case OnnxAttribute.IntValue _ -> new OnnxAttribute.IntValue(integer());
      case OnnxAttribute.FloatValue _ -> new OnnxAttribute.FloatValue(random.nextBoolean() ? Float.NaN : integer());
      case OnnxAttribute.StringValue _ -> new OnnxAttribute.StringValue("other");
      case OnnxAttribute.IntList(List<Long> values) -> new OnnxAttribute.IntList(damaged(values));
      default -> new OnnxAttribute.IntValue(integer());
    };
  }

  private List<Long> damaged(List<Long> values) {
    List<Long> changed = new ArrayList<>(values);
    int at = random.nextInt(values.size() + 1);
    if (at == values.size() || random.nextInt(4) == 0) {
      changed.add(at, integer());
    } else if (random.nextInt(3) == 0) {
      changed.remove(at);
    } else {
      changed.set(at, integer());
    }
    return changed;
  }

  private long integer() {
    return INTEGERS[random.nextInt(INTEGERS.length)];
  }

  /** Another shape of an input, or other elements of a constant one. */
  private ReadOptions damaged(ReadOptions options) {
    List<String> names = new ArrayList<>(options.shapes().keySet().stream().sorted().toList());
    names.addAll(options.values().keySet().stream().sorted().toList());
    if (names.isEmpty()) {
      return options;
    }
    String name = names.get(random.nextInt(names.size()));
    Array constant = options.values().get(name);
    if (constant != null) {
      return options.value(name, constant.isFloat() ? reals(constant) : integers(constant));
    }
    int rank = random.nextInt(6);
    List<Integer> given = options.shapes().getOrDefault(name, Shape.of()).dims();
    boolean other = given.isEmpty() || random.nextBoolean();
    return options.shape(name, new Shape(other ? IntStream.range(0, rank).mapToObj(_ -> 1 + random.nextInt(4)).toList()
        : given.stream().map(size -> random.nextInt(3) == 0 ? 1 + random.nextInt(9) : size).toList()));
  }

  private Array reals(Array array) {
    double[] values = new double[array.size()];
    Arrays.setAll(values, i -> random.nextInt(3) == 0 ? integer() : array.real(i));
    return Array.reals(array.type(), array.dims(), values);
  }

  private Array integers(Array array) {
    List<Long> values = damaged(Arrays.stream(array.integers()).boxed().toList());
    int[] dims = array.rank() == 1 || values.size() != array.size() ? new int[] {values.size()} : array.dims();
    return Array.integers(array.type(), dims, values.stream().mapToLong(Long::longValue).toArray());
  }
}

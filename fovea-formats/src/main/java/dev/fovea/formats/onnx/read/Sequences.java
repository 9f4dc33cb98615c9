package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Operation;
import dev.fovea.formats.onnx.proto.OnnxAttribute;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Lists of values. Where their lengths and the positions in them are constant, nodes on sequences are nodes on the values in them:
 * SplitToSequence is a Split, SequenceAt an Identity, ConcatFromSequence a Concat.
 */
final class Sequences {
  private static final int MAX_LENGTH = 1 << 12;

  private Sequences() {}

  /**
   * What stands for a node.
   *
   * @param result empty if the nodes compute it under its name
   */
  record Rewritten(List<OnnxNode> nodes, Optional<Known> result) {}

  /** Empty for a node of another kind. */
  static Optional<Rewritten> rewritten(Call c) {
    OnnxNode node = c.node();
    if (!node.domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (node.type()) {
      case "SequenceConstruct" -> known(node.inputs());
      case "SequenceEmpty" -> known(List.of());
      case "SequenceInsert" -> {
        List<String> names = new ArrayList<>(names(c));
        c.operand(1);
        names.add(c.has(2) ? position(c, 2, names.size() + 1) : names.size(), node.inputs().get(1));
        yield known(names);
      }
      case "SequenceErase" -> {
        List<String> names = new ArrayList<>(names(c));
        names.remove(position(c, 1, names.size(), -1));
        yield known(names);
      }
      case "SequenceLength" -> Optional.of(new Rewritten(List.of(),
          Optional.of(new Known.Constant(Array.integers(OnnxType.INT64, new int[0], names(c).size())))));
      case "SequenceAt" -> {
        List<String> names = names(c);
        c.operand(1);
        yield computed(
            List.of(like(node, "Identity", List.of(names.get(position(c, 1, names.size()))), node.outputs(), Map.of())));
      }
      case "SplitToSequence" -> split(c);
      case "ConcatFromSequence" -> concat(c);
      default -> Optional.empty();
    };
  }

  private static Optional<Rewritten> known(List<String> names) {
    if (names.size() > MAX_LENGTH) {
      throw new Refusal("sequences of more than " + MAX_LENGTH + " values are not supported");
    }
    return Optional.of(new Rewritten(List.of(), Optional.of(new Known.Sequence(List.copyOf(names)))));
  }

  private static Optional<Rewritten> computed(List<OnnxNode> nodes) {
    return Optional.of(new Rewritten(nodes, Optional.empty()));
  }

  private static List<String> names(Call c) {
    if (c.operand(0) instanceof Known.Sequence(List<String> names)) {
      return names;
    }
    throw new Refusal("expects a sequence, got a tensor");
  }

  private static int position(Call c, int index, int size, long absent) {
    return c.has(index) ? position(c, index, size) : Operation.axis(absent, size);
  }

  private static int position(Call c, int index, int size) {
    double position = c.constant(index, "a position").scalar();
    if (position < -size || position >= size) {
      throw new Refusal("expects a position from " + -size + " to " + (size - 1) + ", got " + (long) position);
    }
    return (int) (position < 0 ? position + size : position);
  }

  private static OnnxNode like(OnnxNode node, String type, List<String> inputs, List<String> outputs,
      Map<String, OnnxAttribute> attributes) {
    return new OnnxNode(node.name(), type, inputs, outputs, attributes);
  }

  /** Names of values that only these nodes know. */
  private static List<String> inside(OnnxNode node, String kind, int count) {
    if (count > MAX_LENGTH) {
      throw new Refusal("sequences of more than " + MAX_LENGTH + " values are not supported");
    }
    return IntStream.range(0, count).mapToObj(i -> node.outputs().getFirst() + "/" + kind + "[" + i + "]").toList();
  }

  /** Equal parts, the last one smaller if need be, or parts of the given sizes; by default of size 1, whose axis may be left out. */
  private static Optional<Rewritten> split(Call c) {
    OnnxNode node = c.node();
    int rank = c.shape(0).rank();
    int axis = c.axis("axis", 0, rank);
    long[] given = c.has(1) ? c.constant(1, "sizes").integers() : new long[] {1};
    List<Long> parts;
    if (c.has(1) && c.constant(1, "sizes").rank() == 1) {
      parts = Arrays.stream(given).boxed().toList();
    } else {
      long each = given[0];
      int size = c.shape(0).dim(axis);
      if (each < 1 || Math.ceilDiv(size, each) > MAX_LENGTH) {
        throw new Refusal("expects parts of a size from 1, and at most " + MAX_LENGTH + " of them, got " + each + " of " + size);
      }
      parts = IntStream.range(0, (int) Math.ceilDiv(size, each)).mapToObj(i -> Math.min(each, size - i * each)).toList();
    }
    List<String> names = inside(node, "part", parts.size());
    List<OnnxNode> nodes = new ArrayList<>();
    nodes.add(like(node, "Split", node.inputs().subList(0, 1), names,
        Map.of("axis", new OnnxAttribute.IntValue(axis), "split", new OnnxAttribute.IntList(parts))));
    if (!c.has(1) && !c.flag("keepdims", true)) {
      List<String> squeezed = inside(node, "slice", parts.size());
      for (int i = 0; i < names.size(); i++) {
        nodes.add(like(node, "Squeeze", List.of(names.get(i)), List.of(squeezed.get(i)),
            Map.of("axes", new OnnxAttribute.IntList(List.of((long) axis)))));
      }
      names = squeezed;
    }
    return Optional.of(new Rewritten(nodes, Optional.of(new Known.Sequence(names))));
  }

  /** The values one after another, along an axis that they have or along a new one. */
  private static Optional<Rewritten> concat(Call c) {
    OnnxNode node = c.node();
    List<String> names = names(c);
    List<OnnxNode> nodes = new ArrayList<>();
    if (c.flag("new_axis", false)) {
      List<String> raised = inside(node, "raised", names.size());
      for (int i = 0; i < names.size(); i++) {
        nodes.add(like(node, "Unsqueeze", List.of(names.get(i)), List.of(raised.get(i)),
            Map.of("axes", new OnnxAttribute.IntList(List.of(node.integer("axis", 0))))));
      }
      names = raised;
    }
    nodes.add(like(node, "Concat", names, node.outputs(), Map.of("axis", new OnnxAttribute.IntValue(node.integer("axis", 0)))));
    return computed(nodes);
  }
}

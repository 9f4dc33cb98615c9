package dev.fovea.formats.onnx.operator;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers over sequences {@code [T, N, features]}, unrolled: the nodes of one step for each position. Gates are in ONNX's order:
 * of an LSTM (Hochreiter and Schmidhuber 1997) input, output, forget, cell; of a GRU (Cho et al. 2014) update, reset, hidden.
 */
final class Recurrences {
  private static final int MAX_SIZE = 1 << 20;

  private Recurrences() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("LSTM", c -> layer(c, 4));
    rules.put("GRU", c -> layer(c, 3));
    rules.put("RNN", c -> layer(c, 1));
  }

  /** The state after a step; a cell's only in an LSTM, elsewhere it is the hidden state. */
  private record State(Value hidden, Value cell) {}

  /** A weight and an optional bias. */
  private record Linear(Value weight, @Nullable Value bias) {}

  /**
   * One direction with its weights.
   *
   * @param all the weights of the state for all gates
   * @param last those for the last gate
   */
  private record Cell(Call c, int gates, int size, Linear all, Linear last) {
    static Cell of(Call c, int gates, int size, Linear all) {
      int from = (gates - 1) * size;
      // the parts serve all steps
      Linear last = gates != 3 || c.flag("linear_before_reset", false) ? all
          : new Linear(c.g().slice(all.weight, 0, from, Integer.MAX_VALUE),
              all.bias == null ? null : c.g().slice(all.bias, 0, from, Integer.MAX_VALUE));
      return new Cell(c, gates, size, all, last);
    }

    Compose g() {
      return c.g();
    }

    Value gate(Value x, int index) {
      return g().slice(x, 1, index * size, index == gates - 1 ? Integer.MAX_VALUE : (index + 1) * size);
    }

    Value sigmoid(Value x) {
      return g().op(new Op.Sigmoid(), x);
    }

    Value tanh(Value x) {
      return g().op(new Op.Tanh(), x);
    }

    /** The state after one step of the products with the input's weights, biases included. */
    State step(Value input, State before) {
      Value products = product(before.hidden, all);
      return switch (gates) {
        case 4 -> {
          Value sums = g().add(input, products);
          Value kept = g().mul(sigmoid(gate(sums, 2)), before.cell);
          Value cell = g().add(kept, g().mul(sigmoid(gate(sums, 0)), tanh(gate(sums, 3))));
          yield new State(g().mul(sigmoid(gate(sums, 1)), tanh(cell)), cell);
        }
        case 3 -> {
          Value update = sigmoid(g().add(gate(input, 0), gate(products, 0)));
          Value reset = sigmoid(g().add(gate(input, 1), gate(products, 1)));
          Value hidden = tanh(g().add(gate(input, 2), hidden(before, reset, products)));
          Value next = g().add(hidden, g().mul(update, g().sub(before.hidden, hidden)));
          yield new State(next, next);
        }
        default -> {
          Value next = tanh(g().add(input, products));
          yield new State(next, next);
        }
      };
    }

    /** What the reset state gives to the hidden gate: the product is reset, or the product of the reset state is taken. */
    private Value hidden(State before, Value reset, Value products) {
      if (c.flag("linear_before_reset", false)) {
        return g().mul(reset, gate(products, 2));
      }
      return product(g().mul(reset, before.hidden), last);
    }

    private Value product(Value x, Linear linear) {
      return biased(g().op(new Op.Gemm(false, true), x, linear.weight), linear.bias);
    }

    Value biased(Value x, @Nullable Value added) {
      return added == null ? x : g().add(x, added);
    }
  }

  private static List<Known> layer(Call c, int gates) {
    Compose g = c.g();
    String direction = c.node().text("direction", "forward");
    boolean both = direction.equals("bidirectional");
    int directions = both ? 2 : 1;
    if (!both && !direction.equals("forward") && !direction.equals("reverse")) {
      throw new Refusal("direction " + Quote.quote(direction) + " is not supported");
    }
    requirePlain(c, gates);
    Value x = c.flag("layout", false) && c.shape(0).rank() == 3 ? g.transpose(c.value(0), List.of(1, 0, 2)) : c.value(0);
    Shape shape = g.shape(x);
    int size = c.integer("hidden_size", c.shape(2).rank() == 3 ? c.shape(2).dim(2) : 0);
    if (shape.rank() != 3 || size < 1 || size > MAX_SIZE) {
      throw new Refusal(
          "expects a sequence of 3 axes and a hidden_size from 1 to " + MAX_SIZE + ", got " + shape + " and " + size);
    }
    requireShape(c, 1, Shape.of(directions, gates * size, shape.dim(2)));
    requireShape(c, 2, Shape.of(directions, gates * size, size));
    if (c.has(3)) {
      requireShape(c, 3, Shape.of(directions, 2 * gates * size));
    }
    g.unroll((long) shape.dim(0) * directions);
    List<Value> outputs = new ArrayList<>();
    List<Value> hidden = new ArrayList<>();
    List<Value> cells = new ArrayList<>();
    for (int d = 0; d < directions; d++) {
      Value biases = c.has(3) ? part(c, 3, d) : null;
      Cell cell = Cell.of(c, gates, size,
          new Linear(part(c, 2, d), biases == null ? null : g.slice(biases, 0, gates * size, Integer.MAX_VALUE)));
      Value inputs = cell.biased(g.op(new Op.MatMul(), x, g.swap(part(c, 1, d), 0, 1)),
          biases == null ? null : g.slice(biases, 0, 0, gates * size));
      State state = new State(initial(c, 5, d, x, size), initial(c, 6, d, x, size));
      List<Value> all = new ArrayList<>();
      boolean reverse = d == 1 || direction.equals("reverse");
      for (int i = 0; i < shape.dim(0); i++) {
        int at = reverse ? shape.dim(0) - 1 - i : i;
        state =
            cell.step(g.squeeze(g.slice(inputs, 0, at, at == shape.dim(0) - 1 ? Integer.MAX_VALUE : at + 1), List.of(0)), state);
        all.add(g.unsqueeze(state.hidden, List.of(0, 1)));
      }
      if (reverse) {
        Collections.reverse(all);
      }
      outputs.add(g.concat(0, all));
      hidden.add(g.unsqueeze(state.hidden, List.of(0)));
      cells.add(g.unsqueeze(state.cell, List.of(0)));
    }
    return results(c, g.concat(1, outputs), g.concat(0, hidden), g.concat(0, cells));
  }

  /** The results with the batch in front, if the node says so. */
  private static List<Known> results(Call c, Value y, Value hidden, Value cell) {
    Compose g = c.g();
    boolean batchFirst = c.flag("layout", false);
    return List.of(c.known(batchFirst ? g.transpose(y, List.of(2, 0, 1, 3)) : y, c.type(0)),
        c.known(batchFirst ? g.transpose(hidden, List.of(1, 0, 2)) : hidden, c.type(0)),
        c.known(batchFirst ? g.transpose(cell, List.of(1, 0, 2)) : cell, c.type(0)));
  }

  private static void requirePlain(Call c, int gates) {
    List<String> usual =
        gates == 4 ? List.of("sigmoid", "tanh", "tanh") : gates == 3 ? List.of("sigmoid", "tanh") : List.of("tanh");
    List<String> given = c.node().texts("activations");
    for (int i = 0; i < given.size(); i++) {
      if (!given.get(i).toLowerCase(Locale.ROOT).equals(usual.get(i % usual.size()))) {
        throw new Refusal("activation " + Quote.quote(given.get(i)) + " is not supported");
      }
    }
    if (c.node().has("clip") || c.flag("input_forget", false) || c.has(7)) {
      throw new Refusal("clipped gates, a forget gate that follows the input's, and peepholes are not supported");
    }
    int steps = c.shape(0).rank() == 3 ? c.shape(0).dim(c.flag("layout", false) ? 1 : 0) : 0;
    boolean whole = !c.has(4) || c.constant(4).filter(
        lengths -> lengths.isUniform() && lengths.size() > 0 && lengths.real(0) == steps)
        .isPresent();
    if (!whole) {
      throw new Refusal("sequences of different lengths are not supported");
    }
  }

  private static void requireShape(Call c, int index, Shape expected) {
    if (!c.shape(index).equals(expected)) {
      throw new Refusal("expects a weight of " + expected + ", got " + c.shape(index));
    }
  }

  /** The part of one direction of a weight or a bias. */
  private static Value part(Call c, int index, int direction) {
    Compose g = c.g();
    Value all = c.weight(index);
    int last = g.shape(all).dim(0) - 1;
    return g.squeeze(g.slice(all, 0, direction, direction == last ? Integer.MAX_VALUE : direction + 1), List.of(0));
  }

  /** The state before the first step; zeros unless it is given. */
  private static Value initial(Call c, int index, int direction, Value x, int size) {
    Compose g = c.g();
    Array same = c.constant(index).filter(array -> array.size() > 0 && array.isUniform()).orElse(null);
    if (c.has(index) && same == null) {
      Value all = c.flag("layout", false) ? g.transpose(c.value(index), List.of(1, 0, 2)) : c.value(index);
      return g.squeeze(g.slice(all, 0, direction, direction + 1), List.of(0));
    }
    Value first = g.reshape(g.slice(g.slice(x, 0, 0, 1), 2, 0, 1), new Dim.Axis(1), new Dim.Size(1));
    return g.add(g.zerosLike(first), g.op(new Op.Fill(Shape.of(1, size), same == null ? 0 : (float) same.real(0))));
  }
}

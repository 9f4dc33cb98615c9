package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/** Comparisons and logic; truth values are 0 and 1. */
final class Logic {
  private Logic() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Less", c -> truths(c, c.g()::less));
    rules.put("Greater", c -> truths(c, (a, b) -> c.g().less(b, a)));
    rules.put("Equal", c -> truths(c, (a, b) -> equal(c, a, b)));
    rules.put("LessOrEqual", c -> truths(c, (a, b) -> c.g().max(c.g().less(a, b), equal(c, a, b))));
    rules.put("GreaterOrEqual", c -> truths(c, (a, b) -> c.g().max(c.g().less(b, a), equal(c, a, b))));
    rules.put("And", c -> truths(c, c.g()::mul));
    rules.put("Or", c -> truths(c, c.g()::max));
    rules.put("Xor", c -> truths(c, (a, b) -> c.g().abs(c.g().sub(a, b))));
    rules.put("Not", c -> c.result(c.g().not(c.value(0)), OnnxType.BOOL));
    rules.put("IsNaN", c -> c.result(c.g().not(isNumber(c.g(), c.value(0))), OnnxType.BOOL));
    rules.put("IsInf", c -> c.result(isInfinite(c, c.value(0)), OnnxType.BOOL));
    rules.put("Where", c -> c.result(SpeltOut.masked(c), c.type(1)));
  }

  private static List<Known> truths(Call c, BinaryOperator<Value> how) {
    return c.result(how.apply(c.value(0), Arithmetic.second(c)), OnnxType.BOOL);
  }

  /** What is not a number is equal to none; the sum of two that are equal is one. */
  private static Value equal(Call c, Value a, Value b) {
    Value equal = c.g().equal(a, b);
    return c.type(0).isFloat() ? c.g().mul(equal, isNumber(c.g(), c.g().add(a, b))) : equal;
  }

  /** What is not a number is not less than any. */
  private static Value isNumber(Compose g, Value x) {
    return g.max(g.less(x, g.number(1)), g.less(g.number(0), x));
  }

  private static Value isInfinite(Call c, Value x) {
    Value high = c.g().less(c.g().number(Float.MAX_VALUE), x);
    Value low = c.g().less(x, c.g().number(-Float.MAX_VALUE));
    return c.g().add(c.g().mul(high, c.flag("detect_positive", true) ? 1 : 0),
        c.g().mul(low, c.flag("detect_negative", true) ? 1 : 0));
  }

  /** 1 where x is not 0. */
  static Value truth(Compose g, Value x) {
    Value zero = g.number(0);
    return g.max(g.less(zero, x), g.less(x, zero));
  }
}

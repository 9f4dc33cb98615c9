package dev.fovea.formats.onnx.operator;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.List;
import java.util.Map;

/** Operators that ONNX Runtime's optimiser writes into files (domain com.microsoft), where they are plain compositions. */
final class Microsoft {
  private static final String DOMAIN = "com.microsoft.";

  private Microsoft() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put(DOMAIN + "FusedConv", Rule.of(c -> {
      Value y = Convolutions.conv(c);
      return activated(c, c.has(3) ? c.g().add(y, c.value(3)) : y);
    }));
    rules.put(DOMAIN + "FusedGemm", Rule.of(c -> activated(c, Matrices.gemm(c))));
    for (String type : List.of("FusedMatMul", "TransposeMatMul")) {
      rules.put(DOMAIN + type, Rule.of(c -> {
        if (c.flag("transBatchA", false) || c.flag("transBatchB", false)) {
          throw new Refusal("batches inside of matrices (transBatchA, transBatchB) are not supported");
        }
        Value product = Matrices.product(c.g(), turned(c, 0, "transA"), turned(c, 1, "transB"));
        return c.g().mul(product, c.node().number("alpha", 1));
      }));
    }
    rules.put(DOMAIN + "Gelu", Rule.of(c -> Activations.gelu(c.g(), c.value(0))));
    rules.put(DOMAIN + "BiasGelu", Rule.of(c -> Activations.gelu(c.g(), c.g().add(c.value(0), c.value(1)))));
    rules.put(DOMAIN + "FastGelu",
        Rule.of(c -> Activations.geluTanh(c.g(), c.has(1) ? c.g().add(c.value(0), c.value(1)) : c.value(0))));
    rules.put(DOMAIN + "QuickGelu", Rule.of(c -> c.g().mul(c.value(0),
        c.g().op(new Op.Sigmoid(), c.g().mul(c.value(0), c.node().number("alpha", 1.702f))))));
    rules.put("SimplifiedLayerNormalization",
        Rule.of(c -> Normalisations.rootMeanSquare(c, c.axis("axis", -1, c.shape(0).rank()))));
    rules.put(DOMAIN + "SkipLayerNormalization", Microsoft::skipNormalisation);
    rules.put(DOMAIN + "Attention", Rule.of(Attention::ofOneProduct));
    rules.put(DOMAIN + "MultiHeadAttention", Rule.of(Attention::ofThree));
  }

  private static Value turned(Call c, int index, String attribute) {
    Value x = c.value(index);
    int rank = c.g().rank(x);
    return c.flag(attribute, false) && rank > 1 ? c.g().swap(x, rank - 2, rank - 1) : x;
  }

  private static Value activated(Call c, Value x) {
    Compose g = c.g();
    List<Float> numbers = c.node().numbers("activation_params").orElse(List.of());
    String activation = c.node().text("activation", "");
    return switch (activation) {
      case "" -> x;
      case "Relu" -> g.op(new Op.Relu(), x);
      case "Tanh" -> g.op(new Op.Tanh(), x);
      case "Sigmoid" -> g.op(new Op.Sigmoid(), x);
      case "LeakyRelu" -> g.op(new Op.LeakyRelu(number(numbers, 0, c.node().number("activation_alpha", 0.01f))), x);
      case "Clip" -> g.clip(x, number(numbers, 0, -Float.MAX_VALUE), number(numbers, 1, Float.MAX_VALUE));
      case "HardSigmoid" -> Activations.hardSigmoid(g, x, number(numbers, 0, 0.2f), number(numbers, 1, 0.5f));
      default -> throw new Refusal("activation " + Quote.quote(activation) + " is not supported");
    };
  }

  private static float number(List<Float> numbers, int index, float absent) {
    return index < numbers.size() ? numbers.get(index) : absent;
  }

  /** The sum of two operands and perhaps a bias, normalised along the last axis; the sum is the fourth result. */
  private static List<Known> skipNormalisation(Call c) {
    Compose g = c.g();
    Value sum = g.add(c.value(0), c.value(1));
    Value x = c.has(4) ? g.add(sum, c.value(4)) : sum;
    Value rows = g.op(new Op.RowNormalization(g.rank(x) - 1, 1, c.node().number("epsilon", 1e-12f)), x);
    Value scaled = g.mul(rows, c.weight(2));
    Value y = c.has(3) ? g.add(scaled, c.weight(3)) : scaled;
    if (c.wants(1) || c.wants(2)) {
      throw new Refusal("its mean and std as results are not supported");
    }
    return List.of(c.known(y, c.type(0)), new Known.Refused(), new Known.Refused(), c.known(x, OnnxType.FLOAT));
  }
}

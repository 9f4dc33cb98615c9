package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.Locale;

/** The activations without parameters. */
public enum Activation implements Layer {
  /** {@code max(0, x)}: Nair and Hinton 2010; the usual default. */
  RELU((g, x) -> g.op(new Op.Relu(), x)),
  /** x, or 0.01 x below zero, so that no unit stops learning: Maas et al. 2013. */
  LEAKY_RELU(new LeakyRelu(0.01)),
  /** {@code 1 / (1 + exp(-x))}; saturates on both sides, so deep networks with it learn slowly. */
  SIGMOID((g, x) -> g.op(new Op.Sigmoid(), x)),
  /** A sigmoid centred on zero: LeCun et al. 1998, Efficient BackProp, section 4.4. */
  TANH((g, x) -> g.op(new Op.Tanh(), x)),
  /** {@code 1.7159 tanh(2x/3)}: LeNet-5's activation, LeCun et al. 1998, appendix A. */
  SCALED_TANH((g, x) -> g.mul(g.op(new Op.Tanh(), g.mul(x, g.number(2.0 / 3))), g.number(1.7159))),
  /** The maximum of two linear functions, so the layer before it needs twice the channels: Goodfellow et al. 2013. */
  MAXOUT(new Maxout(2)),
  /** ReLU clipped at 6: Krizhevsky 2010; used by MobileNet. */
  RELU6((g, x) -> g.op(new Op.Clip(0, 6), x)),
  /** x, or {@code exp(x) - 1} below zero: Clevert et al. 2016 (arXiv 1511.07289). */
  ELU((g, x) -> g.op(new Op.Elu(1), x)),
  /** ELU scaled so that activations keep mean 0 and variance 1: Klambauer et al. 2017 (arXiv 1706.02515). */
  SELU((g, x) -> g.mul(g.op(new Op.Elu(1.6732632f), x), g.number(1.0507009873554805))),
  /** {@code x Phi(x)} with the normal distribution: Hendrycks and Gimpel 2016 (arXiv 1606.08415). */
  GELU((g, x) -> half(g, x, g.op(new Op.Erf(), g.mul(x, g.number(Math.sqrt(0.5)))))),
  /** The same with the paper's tanh for Phi. */
  GELU_TANH((g, x) -> half(g, x, g.op(new Op.Tanh(), tanhArgument(g, x)))),
  /** {@code x sigmoid(x)}, also called swish: Ramachandran et al. 2017 (arXiv 1710.05941). */
  SILU((g, x) -> g.mul(x, g.op(new Op.Sigmoid(), x))),
  /** {@code x / 6 + 1 / 2} between 0 and 1: Howard et al. 2019 (arXiv 1905.02244). */
  HARD_SIGMOID(Activation::hardSigmoid),
  /** {@code x} times {@link #HARD_SIGMOID}. */
  HARD_SWISH((g, x) -> g.mul(x, hardSigmoid(g, x))),
  /** {@code log(1 + exp(x))}: Dugas et al. 2001. */
  SOFTPLUS((g, x) -> g.op(new Op.Softplus(), x));

  private final Layer layer;

  Activation(Layer layer) {
    this.layer = layer;
  }

  /** The name on the command line, such as {@code leaky-relu}. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The number of input channels per output channel: 2 for {@link #MAXOUT}, else 1. */
  public int pieces() {
    return this == MAXOUT ? 2 : 1;
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return layer.apply(g, x);
  }

  /** {@code x (1 + y) / 2}. */
  private static Value half(GraphBuilder g, Value x, Value y) {
    return g.mul(g.mul(x, g.add(y, g.number(1))), g.number(0.5));
  }

  /** {@code sqrt(2 / pi) (x + 0.044715 x^3)}. */
  private static Value tanhArgument(GraphBuilder g, Value x) {
    Value polynomial = g.add(g.mul(g.mul(x, x), g.number(0.044715)), g.number(1));
    return g.mul(g.mul(x, polynomial), g.number(Math.sqrt(2 / Math.PI)));
  }

  private static Value hardSigmoid(GraphBuilder g, Value x) {
    return g.op(new Op.Clip(0, 1), g.add(g.mul(x, g.number(1.0 / 6)), g.number(0.5)));
  }
}

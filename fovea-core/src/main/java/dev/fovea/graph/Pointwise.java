package dev.fovea.graph;

/** Operators that compute each place by itself. */
public final class Pointwise {
  private Pointwise() {}

  /** Whether each element is computed of at most one element of each operand, at the same place where it has one. */
  public static boolean is(Op op) {
    return switch (op) {
      case Op.Add _, Op.Mul _, Op.Div _, Op.Max _, Op.Less _, Op.Where _, Op.Relu _, Op.LeakyRelu _, Op.Sigmoid _, Op.Tanh _ -> true;
      case Op.Clip _, Op.Elu _, Op.Softplus _, Op.Erf _, Op.Exp _, Op.Log _, Op.Sin _, Op.Cos _, Op.Floor _, Op.Round _ -> true;
      case Op.Pow _, Op.Dropout _, Op.ExponentialRace _, Op.BatchNormalization _ -> true;
      case Op.BatchNormalizationGrad _, Op.ReluGrad _, Op.LeakyReluGrad _, Op.EluGrad _, Op.SigmoidGrad _, Op.TanhGrad _ -> true;
      case Op.ClipGrad _, Op.SigmoidCrossEntropyGrad _ -> true;
      default -> false;
    };
  }
}

package dev.fovea.explain.arithmetic;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How the engine computed one number.
 *
 * @param of the layer, or what it is the gradient of
 * @param operator its name, as in ONNX
 * @param at its place, without the batch
 * @param bias what the sum begins with, if not 0
 * @param terms what it reads, in the order in which it is added up; none for an operator that reads whole maps or rows of another kind
 */
public record Calculation(String of, String operator, List<Integer> at, Optional<Term.Entry> bias, List<Term> terms,
    float value) {
  private static final Set<String> SUMS = Set.of("Conv", "ConvTranspose", "Gemm", "LocalConv", "MatMul");

  public Calculation {
    at = List.copyOf(at);
    terms = List.copyOf(terms);
  }

  /**
   * Whether it is a sum of products: {@link #bias}, or 0, to which each product is added with {@link Math#fma}; of a window that lies in
   * the padding without any.
   */
  public boolean isSum() {
    return SUMS.contains(operator);
  }

  /** The sum as this machine computes it: the engine's value to the bit, if its precision is exact. */
  public float sum() {
    float sum = bias.map(Term.Entry::value).orElse(0f);
    for (Term term : terms) {
      sum = Math.fma(term.input().value(), term.weight().map(Term.Entry::value).orElse(1f), sum);
    }
    return sum;
  }
}

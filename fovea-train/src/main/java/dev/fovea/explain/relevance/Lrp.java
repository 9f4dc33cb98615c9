package dev.fovea.explain.relevance;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.InapplicableMethodException;
import dev.fovea.explain.Method;
import dev.fovea.explain.Pass;
import dev.fovea.graph.FoldNormalization;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Layer-wise relevance propagation: the score is handed back from layer to layer, each output's relevance shared by its inputs in
 * proportion to what they contributed, so that the map's sum is the score, but for what the biases take (its conservation). Bach et al.
 * 2015 (On pixel-wise explanations, PLoS ONE 10); Montavon et al. 2019. Batch normalisations are folded into the convolutions before
 * them; others, and sums of branches, share as linear layers do. An activation hands on what it gets, and a max pool gives it to the
 * winners.
 *
 * @param epsilon the stabiliser of divisions
 * @param gamma how much more the positive weights count in the rule of that name
 */
public record Lrp(Rule rule, double epsilon, double gamma) implements Method {
  /** In {@link Attribution#errors}: how far the map's sum is from the score. */
  public static final String CONSERVATION = "conservation";

  private static final String MAP = "map";

  /** How a layer with weights shares its relevance. */
  public enum Rule {
    EPSILON,
    GAMMA,
    ZPLUS,
    /** The z-box at the input, gamma for convolutions, epsilon for fully connected layers. */
    COMPOSITE;

    /** As on the command line. */
    public String spelling() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Epsilon 1e-6, gamma 0.25. */
  public Lrp(Rule rule) {
    this(rule, 1e-6, 0.25);
  }

  @Override
  public String name() {
    return "lrp";
  }

  @Override
  public Attribution explain(Explainer network, Tensor input, Answer answer) {
    Optional<Preprocessing> image = network.model().card().image();
    Map<String, Tensor> run = network.run(this, input, answer, batch -> FoldNormalization.apply(network.graph(batch)), pass -> {
      Value relevance = pass.g().mul(pass.weights(), pass.output());
      Gradients.Rule share = new Sharing(pass, image)::share;
      return Map.of(MAP, pass.reverse(relevance, pass.input(), share));
    });
    Tensor map = Explainer.row(Objects.requireNonNull(run.get(MAP)), 0);
    double sum = 0;
    for (float value : map.values()) {
      sum += value;
    }
    return new Attribution(name(), Attribution.Kind.CONTRIBUTION, answer, Optional.empty(), map,
        Map.of(CONSERVATION, sum - answer.score()));
  }

  /** The rule of each node of a network. */
  private final class Sharing {
    private final Pass pass;
    private final Optional<Preprocessing> image;

    Sharing(Pass pass, Optional<Preprocessing> image) {
      this.pass = pass;
      this.image = image;
    }

    Optional<List<@Nullable Value>> share(Gradients.Step step) {
      return switch (step.node().op()) {
        case Op.Conv _, Op.ConvTranspose _, Op.LocalConv _ when isOfParameters(step) -> Optional.of(weighted(step, true));
        case Op.Gemm _, Op.MatMul _ when isOfParameters(step) -> Optional.of(weighted(step, false));
        case Op.AveragePool _, Op.AdaptiveAveragePool _, Op.Add _, Op.Sum _, Op.Mean _, Op.BatchNormalization _, Op.Resize _ ->
            Optional.of(Rules.epsilon(step, epsilon));
        case Op.Mul _, Op.Div _ when !(step.needs(0) && step.needs(1)) -> Optional.of(Rules.epsilon(step, epsilon));
        case Op.Relu _, Op.LeakyRelu _, Op.Sigmoid _, Op.Tanh _, Op.Clip _, Op.Elu _, Op.Softplus _, Op.Lrn _ ->
            Optional.of(List.of(step.dy()));
        case Op.MaxPool _, Op.AdaptiveMaxPool _, Op.Maxout _, Op.Flatten _, Op.Reshape _, Op.Transpose _, Op.Concat _, Op.Slice _, Op.Gather _, Op.Pad _, Op.PadToMultiple _, Op.Crop _ ->
            Optional.empty();
        default -> throw new InapplicableMethodException("lrp: " + step.node().where() + ": " + step.node().op().type()
            + " has no rule for how its relevance is shared: choose another method");
      };
    }

    /** Whether its other operands do not depend on the image. */
    private static boolean isOfParameters(Gradients.Step step) {
      return step.needs(0) && !step.needs(1);
    }

    private List<@Nullable Value> weighted(Gradients.Step step, boolean convolution) {
      return switch (rule) {
        case EPSILON -> Rules.epsilon(step, epsilon);
        case GAMMA -> Rules.gamma(step, gamma, epsilon);
        case ZPLUS -> Rules.positive(step, epsilon);
        case COMPOSITE -> step.in(0).equals(pass.input()) && image.isPresent()
            ? Rules.box(step, bound(image.get(), 0), bound(image.get(), 1), epsilon)
            : convolution ? Rules.gamma(step, gamma, epsilon) : Rules.epsilon(step, epsilon);
      };
    }

    /** An image of that value, from 0 to 1, after preprocessing. */
    private Value bound(Preprocessing input, float value) {
      GraphBuilder g = pass.g();
      Shape one = Shape.of(1, 1, 1, 1);
      List<Value> channels = IntStream.range(0, input.channels())
          .mapToObj(c -> g.op(new Op.Fill(one, (value - input.mean().get(c)) / input.std().get(c)))).toList();
      return g.add(g.mul(pass.input(), g.number(0)), g.op(new Op.Concat(), channels));
    }
  }
}

package dev.fovea.explain.attack;

import dev.fovea.explain.ClassScores;
import dev.fovea.explain.Explainer;
import dev.fovea.graph.Gradients;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.Map;
import java.util.Objects;

/**
 * Changes images within a budget so that a classifier's loss grows. Distances are those of pixels from 0 to 1.
 *
 * @param steps of gradient ascent; 1 for the fast gradient method
 * @param rate the length of a step
 * @param randomStart whether it begins at a random place within the budget
 * @param seed of that place
 */
public record Attack(Norm norm, double budget, int steps, double rate, boolean randomStart, long seed) {
  private static final int MAX_STEPS = 100_000;

  private static final String GRADIENT = "gradient";

  /** How long a projected gradient attack could walk, in budgets: Madry et al. 2018. */
  private static final double WALK = 2.5;

  /** How a change is measured. */
  public enum Norm {
    /** Its largest pixel. */
    INFINITY("inf"),
    /** The square root of the sum of its squares. */
    EUCLIDEAN("2");

    private final String spelling;

    Norm(String spelling) {
      this.spelling = spelling;
    }

    /** As in options. */
    public String spelling() {
      return spelling;
    }
  }

  public Attack {
    if (!(budget > 0) || !(rate > 0) || !Double.isFinite(budget + rate) || steps < 1 || steps > MAX_STEPS) {
      throw new FoveaException(
          "an attack needs a budget and a rate above 0, and 1 to " + MAX_STEPS + " steps, got " + budget + ", "
              + rate + " and " + steps);
    }
  }

  /**
   * The fast gradient sign method, one step: Goodfellow, Shlens, Szegedy 2015 (Explaining and harnessing adversarial examples, arXiv
   * 1412.6572), section 4; for the Euclidean norm along the gradient itself.
   */
  public static Attack fgsm(Norm norm, double budget) {
    return new Attack(norm, budget, 1, budget, false, 0);
  }

  /**
   * Projected gradient descent: Madry et al. 2018 (Towards deep learning models resistant to adversarial attacks, arXiv 1706.06083),
   * section 2.1. From a random start, with steps of {@code 2.5 budget / steps}.
   */
  public static Attack pgd(Norm norm, double budget, int steps, long seed) {
    return new Attack(norm, budget, steps, WALK * budget / steps, true, seed);
  }

  /**
   * Attacks a batch.
   *
   * @param labels the true classes
   * @param first the number of the batch's first image, so that its random start does not depend on the batch
   * @return the changed inputs
   */
  public Tensor of(Explainer network, Tensor inputs, int[] labels, int first) {
    Preprocessing preprocessing = network.model().card().preprocessing();
    Shape shape = inputs.shape();
    int size = shape.sizeFrom(1);
    int count = shape.dim(0);
    Tensor classes = ClassScores.oneHot(labels, network.graph(1).outputShape(Model.OUTPUT).dim(1));
    float[] original = inputs.values().clone();
    network.loop(count, n -> pixels(original, n, shape, preprocessing));
    float[] x = original.clone();
    float[] values = new float[x.length];
    if (randomStart) {
      network.loop(count, n -> start(original, x, n * size, size, Rng.of(seed).at("start").at(String.valueOf(first + n))));
    }
    for (int step = 0; step < steps; step++) {
      network.loop(count, n -> inputs(x, values, n, shape, preprocessing));
      float[] gradient = Objects.requireNonNull(network.run("attack", new Tensor(shape, values), classes, network::graph,
          pass -> Map.of(GRADIENT, pass.reverse(ClassScores.lossGradient(pass), pass.input(), Gradients.Rule.DERIVATIVE)))
          .get(GRADIENT))
          .values();
      network.loop(count, n -> {
        byPixels(gradient, n, shape, preprocessing);
        climb(x, gradient, n * size, size);
        project(original, x, n * size, size);
      });
    }
    network.loop(count, n -> inputs(x, values, n, shape, preprocessing));
    return new Tensor(shape, values);
  }

  /** Uniform within the budget, for the Euclidean norm on a ball of half of it. */
  private void start(float[] original, float[] x, int from, int size, Rng random) {
    double square = 0;
    float[] change = new float[size];
    for (int i = 0; i < size; i++) {
      change[i] = norm == Norm.INFINITY ? (float) ((2 * random.uniform(i) - 1) * budget) : random.gaussian(i);
      square += (double) change[i] * change[i];
    }
    double scale = norm == Norm.INFINITY ? 1 : budget / 2 / Math.sqrt(square);
    for (int i = 0; i < size; i++) {
      x[from + i] += (float) (scale * change[i]);
    }
    project(original, x, from, size);
  }

  private void climb(float[] x, float[] gradient, int from, int size) {
    double square = 0;
    for (int i = from; i < from + size; i++) {
      square += (double) gradient[i] * gradient[i];
    }
    for (int i = from; i < from + size && square > 0; i++) {
      x[i] += (float) (rate * (norm == Norm.INFINITY ? Math.signum(gradient[i]) : gradient[i] / Math.sqrt(square)));
    }
  }

  /** The nearest place within the budget, then between black and white, which is no farther. */
  private void project(float[] original, float[] x, int from, int size) {
    double square = 0;
    for (int i = from; i < from + size; i++) {
      square += ((double) x[i] - original[i]) * (x[i] - original[i]);
    }
    double shrink = norm == Norm.EUCLIDEAN && square > budget * budget ? budget / Math.sqrt(square) : 1;
    for (int i = from; i < from + size; i++) {
      double change = (x[i] - original[i]) * shrink;
      double within = norm == Norm.INFINITY ? Math.clamp(change, -budget, budget) : change;
      x[i] = (float) Math.clamp(original[i] + within, 0, 1);
    }
  }

  // ---- One image of a batch, from the network's numbers to pixels from 0 to 1 and back

  private static void pixels(float[] values, int image, Shape shape, Preprocessing preprocessing) {
    channels(image, shape, (c, from, end) -> {
      for (int i = from; i < end; i++) {
        values[i] = Math.clamp(values[i] * preprocessing.std().get(c) + preprocessing.mean().get(c), 0f, 1f);
      }
    });
  }

  private static void inputs(float[] pixels, float[] values, int image, Shape shape, Preprocessing preprocessing) {
    channels(image, shape, (c, from, end) -> {
      for (int i = from; i < end; i++) {
        values[i] = (pixels[i] - preprocessing.mean().get(c)) / preprocessing.std().get(c);
      }
    });
  }

  private static void byPixels(float[] gradient, int image, Shape shape, Preprocessing preprocessing) {
    channels(image, shape, (c, from, end) -> {
      for (int i = from; i < end; i++) {
        gradient[i] /= preprocessing.std().get(c);
      }
    });
  }

  /** Receives a channel and where its numbers are. */
  private interface Channel {
    void of(int channel, int from, int end);
  }

  private static void channels(int image, Shape shape, Channel body) {
    int plane = shape.sizeFrom(2);
    for (int c = 0; c < shape.dim(1); c++) {
      int from = (image * shape.dim(1) + c) * plane;
      body.of(c, from, from + plane);
    }
  }
}

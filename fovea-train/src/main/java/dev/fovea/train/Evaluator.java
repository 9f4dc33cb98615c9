package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.data.FittedDataset;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Program;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/**
 * Measures a model on data sets, as often as one likes: the model's numbers are read anew at each evaluation, so one evaluator
 * serves a whole training. The result depends on the model and the data alone, never on the number of threads.
 *
 * <p>One thread at a time.
 */
public final class Evaluator {
  private static final int BATCH = 128;

  /** The most numbers that the largest tensor of a run may have, 256 MB; large pictures come in smaller batches. */
  private static final long MOST_NUMBERS = 1 << 26;

  /** How many batch sizes are kept planned: the full one and the rests of a training and a validation set. */
  private static final int MOST_PLANS = 3;

  private final Model model;
  private final int threads;
  private final int batch;
  private final Map<Integer, Plan> plans = new LinkedHashMap<>();

  private record Plan(Program program, Workspace workspace) {}

  private Evaluator(Model model, int threads) {
    this.model = model;
    this.threads = threads;
    this.batch = batchFor(model.graph());
  }

  /**
   * Nothing is planned before the first evaluation.
   *
   * @param threads how many threads a run may use, the caller's included
   */
  public static Evaluator of(Model model, int threads) {
    if (threads < 1) {
      throw new FoveaException("threads: expected 1 or more, got " + threads);
    }
    return new Evaluator(model, threads);
  }

  private static int batchFor(Graph graph) {
    long largest = graph.nodes().stream().mapToInt(Evaluator::numbersPerPicture).max().orElse(1);
    return Math.clamp(MOST_NUMBERS / largest, 1, BATCH);
  }

  private static int numbersPerPicture(Node node) {
    return node.shape().rank() < 2 ? 1 : node.shape().sizeFrom(1);
  }

  public Evaluation evaluate(Dataset data) {
    return evaluate(data, _ -> {});
  }

  /**
   * Reads every picture of {@code data} once.
   *
   * @param progress hears after each batch how many pictures are done
   * @throws FoveaException where the data's classes are not the model's, or a picture cannot be read
   */
  public Evaluation evaluate(Dataset data, IntConsumer progress) {
    check(data);
    FittedDataset fitted = fitted(data);
    Tally tally = new Tally(data.classes().size());
    for (int start = 0; start < data.size(); start += batch) {
      int count = Math.min(batch, data.size() - start);
      Plan plan = plan(count);
      read(fitted, start, count, plan.workspace().input(Model.INPUT));
      plan.program().run(plan.workspace());
      Workspace.Slot logits = plan.workspace().output(Model.OUTPUT);
      int outputs = logits.shape().dim(1);
      for (int i = 0; i < count; i++) {
        tally.add(start + i, data.label(start + i), logits.array(), logits.offset() + i * outputs, outputs);
      }
      progress.accept(start + count);
    }
    return tally.evaluation(data.classes());
  }

  private void check(Dataset data) {
    if (data.size() == 0) {
      throw new FoveaException(data.name() + ": has no pictures to evaluate on");
    }
    List<String> known = model.card().classes();
    List<String> given = data.classes();
    if (given.size() != known.size()) {
      throw new FoveaException(
          data.name() + ": expected the model's " + known.size() + " classes, got " + given.size()
              + "; evaluate on the kind of data it was trained on");
    }
    // Other names may be the same classes under the default names 0, 1, 2; the same names elsewhere are surely not.
    if (!given.equals(known) && new HashSet<>(given).equals(new HashSet<>(known))) {
      throw new FoveaException(data.name() + ": expected the model's classes in their order " + known + ", got " + given);
    }
  }

  private FittedDataset fitted(Dataset data) {
    Preprocessing wanted = model.card().preprocessing();
    return data instanceof FittedDataset ready && ready.preprocessing().equals(wanted) ? ready : data.fitted(wanted);
  }

  private Plan plan(int count) {
    Plan known = plans.get(count);
    if (known != null) {
      return known;
    }
    if (plans.size() == MOST_PLANS) {
      plans.keySet().removeIf(size -> size != batch);
    }
    Program program = model.program(count, threads);
    Plan plan = new Plan(program, program.workspace());
    plans.put(count, plan);
    return plan;
  }

  private static void read(FittedDataset data, int start, int count, Workspace.Slot input) {
    int stride = input.shape().sizeFrom(1);
    for (int i = 0; i < count; i++) {
      data.read(start + i, input.array(), input.offset() + i * stride);
    }
  }

  /** What is counted over the batches, always in the data's order, so that the sum of the losses has one value. */
  private static final class Tally {
    private final int[][] confusion;
    private final PriorityQueue<Evaluation.Mistake> worst = new PriorityQueue<>(Evaluation.WORST_FIRST.reversed());
    private double loss;
    private int count;

    Tally(int classes) {
      confusion = new int[classes][classes];
    }

    void add(int index, int label, float[] logits, int offset, int outputs) {
      double[] p = outputs == 1 ? sigmoid(logits[offset]) : softmax(logits, offset, outputs);
      int predicted = largest(p);
      loss += outputs == 1 ? loss(logits[offset], label) : loss(logits, offset, outputs, label);
      count++;
      confusion[label][predicted]++;
      if (predicted != label) {
        worst.add(new Evaluation.Mistake(index, label, predicted, p[predicted]));
        if (worst.size() > Evaluation.MOST_WORST) {
          worst.remove();
        }
      }
    }

    Evaluation evaluation(List<String> classes) {
      return new Evaluation(classes, confusion, loss / count, worst.stream().sorted(Evaluation.WORST_FIRST).toList());
    }
  }

  /** The first of the largest; a NaN never wins. */
  private static int largest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private static double[] sigmoid(double logit) {
    double p = 1 / (1 + StrictMath.exp(-logit));
    return new double[] {1 - p, p};
  }

  /** {@code -log p} of the label, without overflow: {@code max(z, 0) - z t + log(1 + exp(-|z|))}. */
  private static double loss(double logit, int label) {
    return Math.max(logit, 0) - logit * label + StrictMath.log1p(StrictMath.exp(-Math.abs(logit)));
  }

  private static double[] softmax(float[] logits, int offset, int outputs) {
    double max = max(logits, offset, outputs);
    double[] p = new double[outputs];
    double sum = 0;
    for (int i = 0; i < outputs; i++) {
      p[i] = StrictMath.exp(logits[offset + i] - max);
      sum += p[i];
    }
    for (int i = 0; i < outputs; i++) {
      p[i] /= sum;
    }
    return p;
  }

  private static double loss(float[] logits, int offset, int outputs, int label) {
    double max = max(logits, offset, outputs);
    double sum = 0;
    for (int i = 0; i < outputs; i++) {
      sum += StrictMath.exp(logits[offset + i] - max);
    }
    return StrictMath.log(sum) + max - logits[offset + label];
  }

  private static double max(float[] logits, int offset, int outputs) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < outputs; i++) {
      max = Math.max(max, logits[offset + i]);
    }
    return max;
  }
}

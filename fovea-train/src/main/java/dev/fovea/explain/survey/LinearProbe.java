package dev.fovea.explain.survey;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.optim.Adam;
import dev.fovea.optim.Optimizer;
import dev.fovea.tensor.Shape;

/**
 * How well a linear classifier tells classes by what a layer holds: Alain and Bengio 2016 (Understanding intermediate layers using
 * linear classifier probes, arXiv 1610.01644). It is trained on all images at once, on features with mean 0 and variance 1.
 */
final class LinearProbe {
  private static final int STEPS = 300;
  private static final double RATE = 0.02;

  /** Keeps it from fitting the few images exactly. */
  private static final double DECAY = 1e-2;

  private static final String FEATURES = "features";
  private static final String LABELS = "labels";
  private static final String SCORES = "scores";
  private static final String LOSS = "loss";

  private LinearProbe() {}

  /**
   * The accuracy on other images.
   *
   * @param training features by image
   */
  static double accuracy(float[][] training, int[] labels, float[][] test, int[] expected, int classes, int threads) {
    int size = training[0].length;
    double[] mean = new double[size];
    double[] scale = new double[size];
    for (int i = 0; i < size; i++) {
      double sum = 0;
      double squares = 0;
      for (float[] row : training) {
        sum += row[i];
        squares += (double) row[i] * row[i];
      }
      mean[i] = sum / training.length;
      double variance = squares / training.length - mean[i] * mean[i];
      scale[i] = variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
    }
    Graph graph = Gradients.withGradients(graph(training.length, size, classes), LOSS);
    Parameters parameters = Parameters.initial(graph, 1);
    train(graph, parameters, standard(training, mean, scale), labels, threads);
    return accuracy(parameters, standard(test, mean, scale), expected, size, classes);
  }

  private static Graph graph(int images, int size, int classes) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input(FEATURES, Shape.of(images, size));
    Value labels = g.input(LABELS, Shape.of(images));
    Value weight = g.param("weight", Shape.of(classes, size), new Init.Constant(0));
    Value bias = g.param("bias", Shape.of(classes), new Init.Constant(0));
    Value scores = g.op(new Op.Gemm(false, true), x, weight, bias);
    g.output(SCORES, scores);
    g.output(LOSS, g.op(new Op.SoftmaxCrossEntropyLoss(), scores, labels));
    return g.build();
  }

  private static void train(Graph graph, Parameters parameters, float[] x, int[] labels, int threads) {
    Program program = Backends.find().compile(graph, parameters, threads);
    Workspace workspace = program.workspace();
    Optimizer optimizer = Adam.standard().weightDecay(DECAY);
    float[][] slots = new float[optimizer.slots()][parameters.size()];
    for (int step = 0; step < STEPS; step++) {
      Workspace.Slot features = workspace.input(FEATURES);
      System.arraycopy(x, 0, features.array(), features.offset(), x.length);
      Workspace.Slot classes = workspace.input(LABELS);
      for (int i = 0; i < labels.length; i++) {
        classes.array()[classes.offset() + i] = labels[i];
      }
      program.run(workspace);
      optimizer.step(parameters.values(), workspace.gradients(), new Optimizer.Span(0, parameters.size()), slots,
          RATE * (1 - (double) step / STEPS), step);
      parameters.changed();
    }
  }

  private static float[] standard(float[][] rows, double[] mean, double[] scale) {
    float[] x = new float[rows.length * mean.length];
    for (int n = 0; n < rows.length; n++) {
      for (int i = 0; i < mean.length; i++) {
        x[n * mean.length + i] = (float) ((rows[n][i] - mean[i]) * scale[i]);
      }
    }
    return x;
  }

  private static double accuracy(Parameters parameters, float[] x, int[] expected, int size, int classes) {
    float[] w = parameters.values();
    int bias = parameters.entry("bias").offset();
    int weight = parameters.entry("weight").offset();
    int correct = 0;
    for (int n = 0; n < expected.length; n++) {
      int best = -1;
      double highest = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        double score = w[bias + c];
        for (int i = 0; i < size; i++) {
          score += (double) w[weight + c * size + i] * x[n * size + i];
        }
        if (score > highest) {
          highest = score;
          best = c;
        }
      }
      correct += best == expected[n] ? 1 : 0;
    }
    return (double) correct / expected.length;
  }
}

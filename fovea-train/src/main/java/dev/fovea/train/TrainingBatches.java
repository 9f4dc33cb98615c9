package dev.fovea.train;

import dev.fovea.augment.Augmentation;
import dev.fovea.augment.Mixing;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.image.LabelMap;
import dev.fovea.model.Model;
import dev.fovea.probe.NonFinite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs a network's training program on batches of samples; the last, smaller batch of an epoch has its own program. */
final class TrainingBatches {
  private final Graph graph;
  private final Parameters parameters;
  private final Loss loss;
  private final Augmentation augmentation;
  private final Loader loader;
  private final int threads;
  private final SharedWorkspace memory;
  private final Optional<String> normalisationOfOneElement;
  private final Map<Integer, Program> programs = new HashMap<>();
  private final Map<Integer, Workspace> workspaces = new HashMap<>();

  /**
   * The result of forward and backward pass of a step.
   *
   * @param loss the mean over its labels
   * @param correct labels that the network predicted; 0 if an image has several or numbers
   * @param labels one per image, or its pixels that have a class
   * @param weight of the labels, by which the mean divides their sum: {@link Loss#weight}
   * @param gradients of the mean loss; valid until the next step
   */
  @SuppressWarnings("ArrayRecordComponent") // The workspace's own array, only read.
  record StepResult(double loss, long correct, long labels, double weight, float[] gradients) {}

  /**
   * Nothing is planned before the first batch.
   *
   * @param graph the network's forward graph
   * @param loader that reads the inputs of the graph, and labels
   */
  TrainingBatches(Graph graph, Parameters parameters, Loss loss, Loader loader, int threads, SharedWorkspace memory) {
    this(graph, parameters, loss, Augmentation.NONE, loader, threads, memory);
  }

  /** As the other, with an augmentation that may mix batches of samples, which are varied already. */
  TrainingBatches(Graph graph, Parameters parameters, Loss loss, Augmentation augmentation, Loader loader, int threads,
      SharedWorkspace memory) {
    this.graph = graph;
    this.parameters = parameters;
    this.loss = loss;
    this.augmentation = augmentation;
    this.loader = loader;
    this.threads = threads;
    this.memory = memory;
    this.normalisationOfOneElement = TrainingGraph.normalisationOfOneElement(graph);
  }

  /** The smallest batch: 2 if a batch normalisation has one element per channel and image. */
  int minBatch() {
    return normalisationOfOneElement.isPresent() ? 2 : 1;
  }

  /** Refuses a batch that is smaller than {@link #minBatch}. */
  void requireEnough(int batch) {
    if (batch < minBatch()) {
      throw new FoveaException(
          normalisationOfOneElement.orElseThrow()
              + ": batch normalisation has one element per channel in a batch of 1, which has no"
              + " variance: use a batch size of 2 or more, or leave the layer out");
    }
  }

  /**
   * Forward and backward pass over a batch.
   *
   * @param coming the batches that follow
   */
  StepResult run(Loader.Batch batch, Rng random, List<Loader.Batch> coming) {
    Program program = program(batch.size());
    Workspace workspace = workspaces.computeIfAbsent(batch.size(), _ -> memory.workspace(program));
    loader.read(batch, workspace, coming);
    float[] trueClasses = labels(workspace);
    if (augmentation.mixes()) {
      trueClasses = mix(workspace, trueClasses, random.at("mix"));
    }
    workspace.random(random);
    program.run(workspace);
    TrainingGraph.moveStatistics(program, workspace, parameters);
    Slot mean = workspace.output(TrainingGraph.LOSS);
    Slot logits = workspace.output(Model.OUTPUT);
    if (workspace.input(TrainingGraph.LABELS).shape().equals(logits.shape())) {
      return new StepResult(mean.array()[mean.offset()], 0, batch.size(), batch.size(), workspace.gradients());
    }
    return logits.shape().rank() == 4
        ? pixels(mean.array()[mean.offset()], logits, trueClasses, workspace.gradients())
        : images(mean.array()[mean.offset()], logits, trueClasses, workspace.gradients());
  }

  /** A copy: a run may reuse the memory of its inputs after it has read them. */
  private static float[] labels(Workspace workspace) {
    Slot labels = workspace.input(TrainingGraph.LABELS);
    return Arrays.copyOfRange(labels.array(), labels.offset(), labels.offset() + labels.shape().size());
  }

  /** Where the values of that batch are not finite, if its forward pass is repeated. */
  Optional<NonFinite> nonFinite(Loader.Batch batch, Rng random) {
    Graph forward = TrainingGraph.forward(graph, loss, batch.size(), augmentation.mixes());
    return NonFinite.in(forward, new NonFinite.Pass(parameters, threads, memory, bytes(batch.size()), workspace -> {
      loader.read(batch, workspace, List.of());
      if (augmentation.mixes()) {
        mix(workspace, labels(workspace), random.at("mix"));
      }
      workspace.random(random);
    }));
  }

  /** Mixes the batch in the workspace; returns the classes with the larger weight. */
  private float[] mix(Workspace workspace, float[] own, Rng random) {
    Slot input = workspace.input(Model.INPUT);
    Mixing.Mixed mixed = augmentation.mix(input.array(), input.offset(), input.shape(), random);
    int count = own.length / mixed.partners().length;
    float[] partners = new float[own.length];
    for (int i = 0; i < mixed.partners().length; i++) {
      System.arraycopy(own, mixed.partners()[i] * count, partners, i * count, count);
    }
    Slot labels = workspace.input(TrainingGraph.PARTNER_LABELS);
    System.arraycopy(partners, 0, labels.array(), labels.offset(), partners.length);
    Slot weight = workspace.input(TrainingGraph.LABEL_WEIGHT);
    weight.array()[weight.offset()] = (float) mixed.weight();
    return mixed.weight() >= 0.5 ? own : partners;
  }

  private StepResult images(double loss, Slot logits, float[] trueClasses, float[] gradients) {
    int count = logits.shape().dim(0);
    int classes = logits.shape().sizeFrom(1);
    int correct = 0;
    double weight = 0;
    for (int i = 0; i < count; i++) {
      int predicted = predicted(logits.array(), logits.offset() + i * classes, classes);
      correct += predicted == trueClasses[i] ? 1 : 0;
      weight += this.loss.weight((int) trueClasses[i]);
    }
    return new StepResult(loss, correct, count, weight, gradients);
  }

  private StepResult pixels(double loss, Slot logits, float[] trueClasses, float[] gradients) {
    Shape shape = logits.shape();
    int plane = shape.sizeFrom(2);
    long correct = 0;
    long labelled = 0;
    double weight = 0;
    for (int i = 0; i < shape.dim(0); i++) {
      int from = logits.offset() + i * shape.sizeFrom(1);
      byte[] predictions = LabelMap.ofLogits(logits.array(), from, shape.dim(1), shape.dim(2), shape.dim(3)).classes();
      for (int p = 0, at = i * plane; p < plane; p++, at++) {
        float label = trueClasses[at];
        if (label != PreprocessedDataset.IGNORED) {
          correct += label == (predictions[p] & 0xff) ? 1 : 0;
          weight += this.loss.weight((int) label);
          labelled++;
        }
      }
    }
    return new StepResult(loss, correct, labelled, weight, gradients);
  }

  /** The index of the first largest logit; for a single logit the class given by its sign. */
  private static int predicted(float[] logits, int offset, int classes) {
    if (classes == 1) {
      return logits[offset] > 0 ? 1 : 0;
    }
    int best = 0;
    for (int k = 1; k < classes; k++) {
      best = logits[offset + k] > logits[offset + best] ? k : best;
    }
    return best;
  }

  private Program program(int batch) {
    return programs.computeIfAbsent(
        batch, n -> Backends.find().compile(TrainingGraph.of(graph, loss, n, augmentation.mixes()), parameters, threads));
  }

  /** Memory in bytes that a step of this batch size needs besides the parameters, gradients included; allocates nothing. */
  long bytes(int batch) {
    return program(batch).workspaceBytes();
  }
}

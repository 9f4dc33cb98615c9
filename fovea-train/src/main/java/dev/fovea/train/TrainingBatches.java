package dev.fovea.train;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Program;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.image.LabelMap;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Takes images through a model's training program; the last, smaller batch of an epoch gets a program of its own. */
final class TrainingBatches {
  private final Model model;
  private final Loss loss;
  private final PreprocessedDataset images;
  private final Variation variation;
  private final int threads;
  private final SharedWorkspace memory;
  private final Optional<String> loneNormalisation;
  private final Map<Integer, Program> programs = new HashMap<>();
  private final Map<Integer, Workspace> workspaces = new HashMap<>();

  /** How images are varied, and the seed that chooses. */
  record Variation(Augmentation augmentation, long seed) {}

  /**
   * What a step found.
   *
   * @param loss the mean over its labels
   * @param correct labels that the network told
   * @param labels one an image, or its pixels that have one
   * @param gradients those of the mean loss; they lie there until the next step
   */
  @SuppressWarnings("ArrayRecordComponent") // The workspace's own array, read and let go.
  record Outcome(double loss, long correct, long labels, float[] gradients) {}

  /** What a step sees: the images {@code order[from]} to {@code order[to - 1]}, as they are varied in that epoch, from 0. */
  @SuppressWarnings("ArrayRecordComponent") // Read and let go.
  record Part(int epoch, int[] order, int from, int to) {}

  TrainingBatches(Model model, Loss loss, PreprocessedDataset images, Variation variation, int threads,
      SharedWorkspace memory) {
    this.model = model;
    this.loss = loss;
    this.images = images;
    this.variation = variation;
    this.threads = threads;
    this.memory = memory;
    this.loneNormalisation = TrainingGraph.loneNormalisation(model.graph());
  }

  /** The fewest images that a step may have: two where a batch normalisation would have one number a channel. */
  int fewest() {
    return loneNormalisation.isPresent() ? 2 : 1;
  }

  /** Refuses a batch of so many images where they are too few. */
  void requireEnough(int batch) {
    if (batch < fewest()) {
      throw new FoveaException(
          loneNormalisation.orElseThrow() + ": batch normalisation sees one number a channel in a batch of 1, which has no"
              + " variance: take 2 images or more a step, or leave it out");
    }
  }

  /** Forward and backward over some images. */
  Outcome run(Part part, Rng random) {
    Program program = program(part.to - part.from);
    Workspace workspace = workspaces.computeIfAbsent(part.to - part.from, _ -> memory.workspace(program));
    Slot labels = workspace.input(TrainingGraph.LABELS);
    read(part, workspace.input(Model.INPUT), labels);
    // a run may use its inputs' memory for something else once it has read them
    float[] truth = Arrays.copyOfRange(labels.array(), labels.offset(), labels.offset() + labels.shape().size());
    workspace.random(random);
    program.run(workspace);
    TrainingGraph.moveStatistics(program, workspace, model.parameters());
    Slot mean = workspace.output(TrainingGraph.LOSS);
    Slot logits = workspace.output(Model.OUTPUT);
    return logits.shape().rank() == 4
        ? pixels(mean.array()[mean.offset()], logits, truth, workspace.gradients())
        : images(mean.array()[mean.offset()], logits, truth, workspace.gradients());
  }

  private void read(Part part, Slot inputs, Slot labels) {
    Shape shape = inputs.shape().withoutBatch();
    int labelsPerImage = labels.shape().sizeFrom(1);
    for (int i = part.from; i < part.to; i++) {
      int image = inputs.offset() + (i - part.from) * shape.size();
      int label = labels.offset() + (i - part.from) * labelsPerImage;
      images.read(part.order[i], inputs.array(), image, labels.array(), label);
      Rng draws = Augmentation.draws(variation.seed, part.epoch, part.order[i]);
      variation.augmentation.apply(draws, inputs.array(), image, shape, 0);
      if (images.segments()) {
        variation.augmentation.apply(draws, labels.array(), label, shape.with(0, 1), PreprocessedDataset.IGNORED);
      }
    }
  }

  private static Outcome images(double loss, Slot logits, float[] truth, float[] gradients) {
    int count = logits.shape().dim(0);
    int classes = logits.shape().sizeFrom(1);
    int correct = 0;
    for (int i = 0; i < count; i++) {
      int winner = winner(logits.array(), logits.offset() + i * classes, classes);
      correct += winner == truth[i] ? 1 : 0;
    }
    return new Outcome(loss, correct, count, gradients);
  }

  private static Outcome pixels(double loss, Slot logits, float[] truth, float[] gradients) {
    Shape shape = logits.shape();
    int plane = shape.sizeFrom(2);
    long correct = 0;
    long labelled = 0;
    for (int i = 0; i < shape.dim(0); i++) {
      int from = logits.offset() + i * shape.sizeFrom(1);
      byte[] winners = LabelMap.ofLogits(logits.array(), from, shape.dim(1), shape.dim(2), shape.dim(3)).classes();
      for (int p = 0, at = i * plane; p < plane; p++, at++) {
        float label = truth[at];
        correct += label == (winners[p] & 0xff) ? 1 : 0;
        labelled += label == PreprocessedDataset.IGNORED ? 0 : 1;
      }
    }
    return new Outcome(loss, correct, labelled, gradients);
  }

  /** The first of the largest logits; of a single one the class that its sign tells. */
  private static int winner(float[] logits, int offset, int classes) {
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
        batch, n -> Backends.find().compile(TrainingGraph.of(model, loss, n), model.parameters(), threads));
  }

  /** What a step over so many images needs beside the parameters, gradients included; nothing of it is taken yet. */
  long bytes(int batch) {
    return program(batch).workspaceBytes();
  }
}

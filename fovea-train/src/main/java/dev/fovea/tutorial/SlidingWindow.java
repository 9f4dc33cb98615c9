package dev.fovea.tutorial;

import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Window;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.model.Model;
import dev.fovea.model.Summary;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Locale;

/**
 * A classifier applied to the sliding windows of a large image by two methods: crop by crop, and in one pass of the equivalent
 * fully convolutional network (Long et al. 2015, section 4.1), where overlapping windows share computations.
 *
 * @param crop the shape of the classifier's input
 * @param image the shape of the large image
 * @param cells the shape of the output map of the one pass; there is one crop per cell
 * @param timed the number of crops timed, in row-major order; the time of all crops is extrapolated from them
 * @param padded whether some layer has padding
 * @param unshared multiply-adds of the fully connected layers, which windows do not share in either method
 * @param cropWork multiply-adds of all crops
 * @param passWork multiply-adds of the one pass
 * @param cropSeconds the minimum over several rounds
 * @param passSeconds the minimum over the same rounds
 * @param difference the largest between a timed crop's logits and those of its cell, relative to the largest logit
 */
public record SlidingWindow(
    Shape crop, Shape image, Shape cells, int timed, boolean padded, long unshared, long cropWork, long passWork,
    double cropSeconds, double passSeconds, double difference) {
  private static final int MAX_ROUNDS = 20;

  /** After this time no further round begins. */
  private static final double MAX_SECONDS = 2;

  /** After this time in a round no further crop is timed. */
  private static final double MAX_ROUND_SECONDS = 10;

  /**
   * Measures both methods on an image of noise, {@code scale} times as high and wide as the classifier's input.
   *
   * @param classifier if it has padding, the logits differ: a cell sees neighbouring pixels where a crop has zeros
   */
  public static SlidingWindow measure(Model classifier, int scale, int threads) {
    if (classifier.segments()) {
      throw new FoveaException("expected a classifier, but the network gives a map of "
          + classifier.graph().outputShape(Model.OUTPUT).withoutBatch() + ": name a classification network");
    }
    Shape crop = classifier.input();
    Shape large = Shape.of(crop.dim(0), crop.dim(1) * scale, crop.dim(2) * scale);
    Model network = classifier.fullyConvolutional().withInput(large);
    Shape cells = network.graph().outputShape(Model.OUTPUT).withoutBatch();
    Summary one = Summary.of(Rewrite.inference(classifier.graph()));
    Summary all = Summary.of(Rewrite.inference(network.graph()));
    long unshared = one.rows().stream().filter(r -> r.operator().equals("Gemm")).mapToLong(Summary.Row::multiplyAdds).sum();
    Run pass = new Run(network.program(1, threads));
    Run crops = new Run(classifier.program(1, threads));
    Noise image = Noise.noise(large);
    int stride = (int) all.rows().getLast().jump();
    if (stride < 1) {
      throw new FoveaException(
          classifier.card().network() + ": its outputs are less than a pixel apart, or see the whole image: it has no"
              + " sliding window");
    }
    pass.of(image, 0, 0);
    crops.of(image, 0, 0);
    double passSeconds = Double.MAX_VALUE;
    double secondsPerCrop = Double.MAX_VALUE;
    int timed = 0;
    double difference = 0;
    Timer timer = new Timer();
    for (int round = 0; round < MAX_ROUNDS && timer.seconds() < MAX_SECONDS; round++) {
      passSeconds = Math.min(passSeconds, pass.of(image, 0, 0));
      Slot map = pass.logits();
      double maxLogit = 0;
      double maxDifference = 0;
      double seconds = 0;
      int cell = 0;
      for (; cell < cells.sizeFrom(1) && seconds < MAX_ROUND_SECONDS; cell++) {
        seconds += crops.of(image, cell / cells.dim(2) * stride, cell % cells.dim(2) * stride);
        Slot logits = crops.logits();
        for (int k = 0; k < cells.dim(0); k++) {
          float expected = logits.array()[logits.offset() + k];
          maxLogit = Math.max(maxLogit, Math.abs(expected));
          maxDifference = Math.max(maxDifference, Math.abs(expected - map.array()[map.offset() + k * cells.sizeFrom(1) + cell]));
        }
      }
      secondsPerCrop = Math.min(secondsPerCrop, seconds / cell);
      timed = cell;
      difference = maxDifference / maxLogit;
    }
    return new SlidingWindow(crop, large, cells, timed, padded(classifier), unshared * cells.sizeFrom(1),
        one.multiplyAdds() * cells.sizeFrom(1), all.multiplyAdds(), secondsPerCrop * cells.sizeFrom(1), passSeconds, difference);
  }

  private record Timer(long began) {
    Timer() {
      this(System.nanoTime());
    }

    double seconds() {
      return (System.nanoTime() - began) * 1e-9;
    }
  }

  private record Run(Program program, Workspace workspace) {
    Run(Program program) {
      this(program, program.workspace());
    }

    /** The seconds for a crop of the input size at this position of an image. */
    double of(Noise image, int top, int left) {
      Timer timer = new Timer();
      image.cut(workspace.input(Model.INPUT), top, left);
      program.run(workspace);
      return timer.seconds();
    }

    Slot logits() {
      return workspace.output(Model.OUTPUT);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // Read, not kept.
  private record Noise(Shape shape, float[] values) {
    static Noise noise(Shape shape) {
      float[] values = new float[shape.size()];
      Rng noise = Rng.of(1).at("sliding window");
      for (int i = 0; i < values.length; i++) {
        values[i] = noise.uniform(i, -1, 1);
      }
      return new Noise(shape, values);
    }

    void cut(Slot to, int top, int left) {
      int h = to.shape().dim(2);
      int w = to.shape().dim(3);
      for (int row = 0; row < to.shape().dim(1) * h; row++) {
        int source = (row / h * shape.dim(1) + top + row % h) * shape.dim(2) + left;
        System.arraycopy(values, source, to.array(), to.offset() + row * w, w);
      }
    }
  }

  private static boolean padded(Model model) {
    return model.graph().nodes().stream().map(Node::op).anyMatch(
        op -> op instanceof Op.Conv(Window w, _) && w.top() + w.left() + w.bottom() + w.right() > 0);
  }

  /** The multiply-adds of all crops divided by those of one pass. */
  public double workRatio() {
    return (double) cropWork / passWork;
  }

  public double timeRatio() {
    return cropSeconds / passSeconds;
  }

  /** A readable table. */
  @Override
  public String toString() {
    String sample = timed == cells.sizeFrom(1) ? "" : "  (extrapolated from " + timed + ")";
    return String.format(
        Locale.ROOT,
        "A classifier of %s on an image of %s: %d windows.%n"
            + "  crop by crop  %,17d multiply-adds  %,10.2f ms%s%n"
            + "  in one pass   %,17d multiply-adds  %,10.2f ms%n"
            + "  ratio         %17.1f                %,10.1f%n"
            + "Windows do not share fully connected layers, which need %,d multiply-adds in both cases.%n"
            + "Largest difference of a logit: %.1e of the largest%s.%n",
        crop, image, cells.sizeFrom(1), cropWork, cropSeconds * 1e3, sample, passWork, passSeconds * 1e3, workRatio(),
        timeRatio(), unshared, difference,
        padded ? " (the network has padding: a cell sees neighbouring pixels where a crop has zeros)" : "");
  }
}

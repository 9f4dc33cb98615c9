package dev.fovea.explain;

import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Program;
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
 * A classifier slid over a large picture, in two ways: crop by crop, and in one pass of the fully convolutional network that it is
 * (Long et al. 2015, section 4.1), where neighbouring windows share what they have in common.
 *
 * @param crop the classifier's picture
 * @param picture the large one
 * @param cells of the map that one pass gives; as many crops
 * @param cropWork multiply-adds of all crops
 * @param passWork multiply-adds of the one pass
 * @param cropSeconds the best of three
 * @param passSeconds the best of three
 * @param padded whether some layer pads
 * @param difference the largest between a crop's logits and their cell's, as a share of the largest logit
 */
public record SlidingWindow(
    Shape crop, Shape picture, Shape cells, boolean padded, long cropWork, long passWork, double cropSeconds, double passSeconds,
    double difference) {
  private static final int REPEATS = 3;

  /**
   * Measures it on a picture of noise, {@code scale} times as high and wide.
   *
   * @param classifier where it pads, a cell sees its neighbours where the crop's classifier sees zeros, and the logits differ
   */
  public static SlidingWindow measure(Model classifier, int scale, int threads) {
    if (classifier.segments()) {
      throw new FoveaException("a classifier is slid, and the network gives a map of "
          + classifier.graph().outputShape(Model.OUTPUT).withoutBatch() + ": name one that tells what a picture shows");
    }
    Shape crop = classifier.input();
    Shape large = Shape.of(crop.dim(0), crop.dim(1) * scale, crop.dim(2) * scale);
    Model network = classifier.fullyConvolutional().withInput(large);
    Summary summary = Summary.of(network.graph());
    int jump = Math.toIntExact(summary.rows().getLast().jump());
    Program passProgram = network.program(1, threads);
    Workspace all = passProgram.workspace();
    Program cropProgram = classifier.program(1, threads);
    Workspace one = cropProgram.workspace();
    float[] picture = new float[large.size()];
    Rng noise = Rng.of(1).at("sliding window");
    for (int i = 0; i < picture.length; i++) {
      picture[i] = noise.uniform(i, -1, 1);
    }
    double passSeconds = Double.MAX_VALUE;
    double cropSeconds = Double.MAX_VALUE;
    double difference = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      Slot in = all.input(Model.INPUT);
      System.arraycopy(picture, 0, in.array(), in.offset(), picture.length);
      long began = System.nanoTime();
      passProgram.run(all);
      passSeconds = Math.min(passSeconds, (System.nanoTime() - began) * 1e-9);
      Slot map = all.output(Model.OUTPUT);
      began = System.nanoTime();
      difference = crops(cropProgram, one, new Picture(large, picture), map, jump);
      cropSeconds = Math.min(cropSeconds, (System.nanoTime() - began) * 1e-9);
    }
    Shape cells = all.output(Model.OUTPUT).shape().withoutBatch();
    long cropWork = Summary.of(classifier.graph()).multiplyAdds() * cells.sizeFrom(1);
    return new SlidingWindow(crop, large, cells, padded(classifier), cropWork, summary.multiplyAdds(), cropSeconds, passSeconds,
        difference);
  }

  @SuppressWarnings("ArrayRecordComponent") // Read, not kept.
  private record Picture(Shape shape, float[] values) {}

  private static double crops(Program program, Workspace one, Picture picture, Slot map, int jump) {
    double largest = 0;
    double difference = 0;
    int classes = map.shape().dim(1);
    int cells = map.shape().sizeFrom(2);
    for (int cell = 0; cell < cells; cell++) {
      cut(picture, one.input(Model.INPUT), cell / map.shape().dim(3) * jump, cell % map.shape().dim(3) * jump);
      program.run(one);
      Slot logits = one.output(Model.OUTPUT);
      for (int k = 0; k < classes; k++) {
        float expected = logits.array()[logits.offset() + k];
        largest = Math.max(largest, Math.abs(expected));
        difference = Math.max(difference, Math.abs(expected - map.array()[map.offset() + k * cells + cell]));
      }
    }
    return difference / largest;
  }

  private static void cut(Picture from, Slot to, int top, int left) {
    int h = to.shape().dim(2);
    int w = to.shape().dim(3);
    for (int row = 0; row < to.shape().dim(1) * h; row++) {
      int source = (row / h * from.shape().dim(1) + top + row % h) * from.shape().dim(2) + left;
      System.arraycopy(from.values(), source, to.array(), to.offset() + row * w, w);
    }
  }

  private static boolean padded(Model model) {
    return model.graph().nodes().stream().map(Node::op).anyMatch(
        op -> op instanceof Op.Conv(Window w, _) && w.top() + w.left() + w.bottom() + w.right() > 0);
  }

  /** How many times fewer multiply-adds one pass takes. */
  public double workRatio() {
    return (double) cropWork / passWork;
  }

  public double timeRatio() {
    return cropSeconds / passSeconds;
  }

  /** For people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "A classifier of %s on a picture of %s: %d windows.%n"
            + "  crop by crop  %,15d multiply-adds  %8.2f ms%n"
            + "  in one pass   %,15d multiply-adds  %8.2f ms%n"
            + "  ratio         %15.1f                %8.1f%n"
            + "Largest difference of a logit: %.1e of the largest%s.%n",
        crop, picture, cells.sizeFrom(1), cropWork, cropSeconds * 1e3, passWork, passSeconds * 1e3, workRatio(), timeRatio(),
        difference, padded ? " (the network pads: a cell sees its neighbours where a crop sees zeros)" : "");
  }
}

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
 * A classifier slid over a large image, in two ways: crop by crop, and in one pass of the fully convolutional network that it is
 * (Long et al. 2015, section 4.1), where neighbouring windows share what they have in common.
 *
 * @param crop the classifier's image
 * @param image the large one
 * @param cells of the map that one pass gives; as many crops
 * @param timed how many of the crops were timed, row by row; the seconds are those of all at their pace
 * @param padded whether some layer pads
 * @param unshared multiply-adds of the fully connected layers, a window's own in either way
 * @param cropWork multiply-adds of all crops
 * @param passWork multiply-adds of the one pass
 * @param cropSeconds the best of some rounds
 * @param passSeconds the best of as many
 * @param difference the largest between a timed crop's logits and their cell's, as a share of the largest logit
 */
public record SlidingWindow(
    Shape crop, Shape image, Shape cells, int timed, boolean padded, long unshared, long cropWork, long passWork,
    double cropSeconds, double passSeconds, double difference) {
  private static final int MOST_ROUNDS = 20;

  /** No further round begins after that. */
  private static final double ENOUGH_SECONDS = 2;

  /** After that no further crop is timed. */
  private static final double LONGEST_ROUND = 10;

  /**
   * Measures it on an image of noise, {@code scale} times as high and wide.
   *
   * @param classifier where it pads, a cell sees its neighbours where the crop's classifier sees zeros, and the logits differ
   */
  public static SlidingWindow measure(Model classifier, int scale, int threads) {
    if (classifier.segments()) {
      throw new FoveaException("a classifier is slid, and the network gives a map of "
          + classifier.graph().outputShape(Model.OUTPUT).withoutBatch() + ": name one that tells what an image shows");
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
    int jump = Math.toIntExact(all.rows().getLast().jump());
    pass.of(image, 0, 0);
    crops.of(image, 0, 0);
    double passSeconds = Double.MAX_VALUE;
    double pace = Double.MAX_VALUE;
    int timed = 0;
    double difference = 0;
    Watch watch = new Watch();
    for (int round = 0; round < MOST_ROUNDS && watch.seconds() < ENOUGH_SECONDS; round++) {
      passSeconds = Math.min(passSeconds, pass.of(image, 0, 0));
      Slot map = pass.logits();
      double largest = 0;
      double off = 0;
      double seconds = 0;
      int cell = 0;
      for (; cell < cells.sizeFrom(1) && seconds < LONGEST_ROUND; cell++) {
        seconds += crops.of(image, cell / cells.dim(2) * jump, cell % cells.dim(2) * jump);
        Slot logits = crops.logits();
        for (int k = 0; k < cells.dim(0); k++) {
          float expected = logits.array()[logits.offset() + k];
          largest = Math.max(largest, Math.abs(expected));
          off = Math.max(off, Math.abs(expected - map.array()[map.offset() + k * cells.sizeFrom(1) + cell]));
        }
      }
      pace = Math.min(pace, seconds / cell);
      timed = cell;
      difference = off / largest;
    }
    return new SlidingWindow(crop, large, cells, timed, padded(classifier), unshared * cells.sizeFrom(1),
        one.multiplyAdds() * cells.sizeFrom(1), all.multiplyAdds(), pace * cells.sizeFrom(1), passSeconds, difference);
  }

  private record Watch(long began) {
    Watch() {
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

    /** The seconds that it takes for what lies at that place of an image, as large as it reads. */
    double of(Noise image, int top, int left) {
      Watch watch = new Watch();
      image.cut(workspace.input(Model.INPUT), top, left);
      program.run(workspace);
      return watch.seconds();
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
    String sample = timed == cells.sizeFrom(1) ? "" : "  (at the pace of " + timed + " of them)";
    return String.format(
        Locale.ROOT,
        "A classifier of %s on an image of %s: %d windows.%n"
            + "  crop by crop  %,17d multiply-adds  %,10.2f ms%s%n"
            + "  in one pass   %,17d multiply-adds  %,10.2f ms%n"
            + "  ratio         %17.1f                %,10.1f%n"
            + "Windows share no fully connected layer: those take %,d multiply-adds either way.%n"
            + "Largest difference of a logit: %.1e of the largest%s.%n",
        crop, image, cells.sizeFrom(1), cropWork, cropSeconds * 1e3, sample, passWork, passSeconds * 1e3, workRatio(),
        timeRatio(), unshared, difference,
        padded ? " (the network pads: a cell sees its neighbours where a crop sees zeros)" : "");
  }
}

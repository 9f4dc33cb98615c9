package dev.fovea.check;

import dev.fovea.data.Dataset;
import dev.fovea.data.LabelCounts;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.model.Task;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What training images are like, as far as settings are chosen by it.
 *
 * @param images the number of training images
 * @param handwriting whether they are ink on paper, of which a network sees the ink alone
 * @param channels 1 if they are grey, 3 if they are coloured
 * @param side the median of their shorter sides, in pixels
 * @param mirrored whether they look alike mirrored left to right
 * @param upsideDown whether they look alike upside down
 * @param fewest the number of images of the rarest class; 0 if images have not one label each
 * @param most that of the most frequent class
 */
public record Survey(int images, Task task, boolean segments, boolean handwriting, int channels, int side, Symmetry mirrored,
    Symmetry upsideDown, long fewest, long most) {
  /** The number of images that are decoded, evenly spread. */
  private static final int SAMPLE = 800;

  /**
   * Decodes a sample of the images, on all processors.
   *
   * @throws dev.fovea.tensor.FoveaException naming the file, if one cannot be read
   */
  public static Survey of(Dataset train) {
    int count = Math.min(SAMPLE, train.size());
    int[] indices = IntStream.range(0, count).map(i -> (int) ((long) i * train.size() / count)).toArray();
    List<Look> looks = Arrays.stream(indices).parallel().mapToObj(i -> Look.at(train.image(i))).toList();
    boolean labelled = train.task() instanceof Task.OneLabel && !train.segments();
    int[] classes = Arrays.stream(indices).map(i -> labelled ? train.label(i) : 0).toArray();
    List<Image> small = looks.stream().map(Look::small).toList();
    long[] counts = labelled ? LabelCounts.of(train) : new long[1];
    return new Survey(train.size(), train.task(), train.segments(), train.fit() == Fit.INK, train.shape().dim(0),
        looks.stream().mapToInt(Look::side).sorted().skip(count / 2).findFirst().orElse(0),
        Symmetry.of(Symmetry.Axis.HORIZONTAL, small, classes), Symmetry.of(Symmetry.Axis.VERTICAL, small, classes),
        Arrays.stream(counts).min().orElse(0), Arrays.stream(counts).max().orElse(0));
  }

  /** What is kept of an image. */
  private record Look(int side, Image small) {
    static Look at(Image image) {
      return new Look(Math.min(image.width(), image.height()), Symmetry.small(image));
    }
  }
}

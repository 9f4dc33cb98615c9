package dev.fovea.tutorial;

import dev.fovea.layer.Conv2d;
import dev.fovea.layer.UnrolledConv2d;
import dev.fovea.tensor.Shape;
import java.util.Locale;

/** A small convolution written out as the matrix of a fully connected layer. */
public final class UnrolledText {
  private UnrolledText() {}

  /** One 3x3 filter on a 5x5 image, with weights 1 to 9, and the sizes of larger matrices. */
  public static String example() {
    UnrolledConv2d small = new UnrolledConv2d(Conv2d.of(1, 3).bias(false), Shape.of(1, 5, 5));
    float[] weights = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    float[] matrix = small.matrix(weights);
    int columns = small.input().size();
    StringBuilder text = new StringBuilder();
    text.append("One 3x3 filter on a 5x5 image, as a fully connected layer: a row for each of the 3x3 outputs,\n");
    text.append("a column for each of the 25 pixels. The filter's weights are 1 to 9; a dot is a zero.\n\n");
    for (int row = 0; row < small.output().size(); row++) {
      for (int column = 0; column < columns; column++) {
        float weight = matrix[row * columns + column];
        text.append(column % small.input().dim(2) == 0 ? "  " : " ").append(weight == 0 ? "." : String.valueOf((int) weight));
      }
      text.append('\n');
    }
    text.append('\n').append(line("this one", small));
    text.append(line("LeNet-5's conv2 on 14x14", new UnrolledConv2d(Conv2d.of(16, 5).bias(false), Shape.of(6, 14, 14))));
    text.append(line("16 filters of 3x3x3 on 32x32",
        new UnrolledConv2d(Conv2d.of(16, 3).padding(1).bias(false), Shape.of(3, 32, 32))));
    return text.toString();
  }

  private static String line(String name, UnrolledConv2d layer) {
    long entries = (long) layer.output().size() * layer.input().size();
    return String.format(
        Locale.ROOT,
        "%-30s %,6d x %,6d = %,12d entries, %.2f %% zeros, %,d distinct weights%n",
        name + ":", layer.output().size(), layer.input().size(), entries, 100 * layer.zeros(), layer.distinct());
  }
}

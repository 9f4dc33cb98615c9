package dev.fovea.cli.auto;

import dev.fovea.tensor.Shape;
import java.util.StringJoiner;

/**
 * A network for images of a data set of its own: 3x3 convolutions with batch normalisation, twice as many filters at half the size, and
 * the mean of each map at the end, so that it has few weights (Simonyan and Zisserman 2015, Ioffe and Szegedy 2015, Lin et al. 2014).
 *
 * @param input of the images, C x H x W
 * @param width the number of filters at the first size
 */
record PlainNetwork(Shape input, int width) {
  /** From this side on the first convolution has a stride of 2: what it leaves out is between two pixels of a photograph. */
  private static final int LARGE = 96;

  /** The smallest map. */
  private static final int SMALLEST = 6;

  /** In the notation of networks. */
  String notation() {
    StringJoiner chain = new StringJoiner(" -> ");
    chain.add("input " + input);
    int side = Math.min(input.dim(1), input.dim(2));
    boolean large = side >= LARGE;
    chain.add(large ? block(width, " stride 2") : "[" + block(width, "") + "]*2");
    int filters = width;
    for (int size = (large ? side / 2 : side) / 2; size >= SMALLEST; size /= 2) {
      filters *= 2;
      chain.add("pool").add("[" + block(filters, "") + "]*2");
    }
    return chain.add("global -> dropout 0.2 -> fc").toString();
  }

  private static String block(int filters, String window) {
    return "conv " + filters + window + " no bias -> batchnorm -> relu";
  }
}

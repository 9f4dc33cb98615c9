package dev.fovea.augment;

import dev.fovea.augment.pixels.Colors;
import dev.fovea.data.Sample;
import dev.fovea.tensor.Rng;

/**
 * A random colour is added to the whole image: Krizhevsky et al. 2012 (AlexNet, section 4.1). It is the sum of the principal
 * components of ImageNet's colours, each times its eigenvalue and a normal random number; components and eigenvalues, of samples
 * from 0 to 1, are those of fb.resnet.torch.
 *
 * @param std of the random numbers, from 0 to 2; 0.1 by default
 */
public record PcaNoise(double std) implements Transform {
  private static final String NAME = "pca";
  private static final int MAX = 255;
  private static final double[] EIGENVALUES = {0.2175, 0.0188, 0.0045};

  /** For red, green and blue a row; a column for each component. */
  private static final double[][] COMPONENTS = {
      {-0.5675, 0.7192, 0.4009}, {-0.5808, -0.0045, -0.8140}, {-0.5836, -0.6948, 0.4203}};

  public PcaNoise {
    Steps.require(NAME, "std", std, 0, 2);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    double[] colour = colour(random);
    return Canvas.coloured(sample, image -> Colors.shift(image, MAX * colour[0], MAX * colour[1], MAX * colour[2]));
  }

  /** Red, green and blue, of samples from 0 to 1. */
  double[] colour(Rng random) {
    double[] colour = new double[COMPONENTS.length];
    for (int k = 0; k < EIGENVALUES.length; k++) {
      double amount = std * random.gaussian(k) * EIGENVALUES[k];
      for (int c = 0; c < colour.length; c++) {
        colour[c] += COMPONENTS[c][k] * amount;
      }
    }
    return colour;
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(std));
  }
}

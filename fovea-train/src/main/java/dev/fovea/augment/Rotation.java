package dev.fovea.augment;

import dev.fovea.augment.pixels.Projection;
import dev.fovea.data.Sample;
import dev.fovea.tensor.Rng;

/**
 * Rotated about its centre, interpolated.
 *
 * @param degrees the largest angle to either side, from 0 to 180; 15 by default
 */
public record Rotation(double degrees) implements Transform {
  private static final String NAME = "rotation";

  public Rotation {
    Steps.require(NAME, "degrees", degrees, 0, 180);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    double angle = Range.around(degrees).draw(random);
    return canvas.warped(sample, Affine.about(sample.image(), Projection.Motion.rotated(angle)));
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(degrees));
  }
}

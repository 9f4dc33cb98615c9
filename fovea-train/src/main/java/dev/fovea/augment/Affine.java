package dev.fovea.augment;

import dev.fovea.augment.pixels.Projection;
import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.tensor.Rng;

/**
 * Sheared, scaled and rotated about its centre, then moved by whole pixels, interpolated: PyTorch's RandomAffine.
 *
 * @param degrees the largest angle to either side, from 0 to 180
 * @param translate the largest distance to each side, as a fraction of the image's, from 0 to 1
 * @param scale from 0.1 to 10
 * @param shear the largest angle by which vertical lines are turned to either side, from 0 to 80 degrees
 */
public record Affine(double degrees, double translate, Range scale, double shear) implements Transform {
  private static final String NAME = "affine";

  public Affine {
    Steps.require(NAME, "degrees", degrees, 0, 180);
    Steps.require(NAME, "translate", translate, 0, 1);
    Steps.require(NAME, "scale", scale, 0.1, 10);
    Steps.require(NAME, "shear", shear, 0, 80);
    Steps.requireChange(NAME, degrees != 0 || translate != 0 || shear != 0 || !scale.equals(Range.of(1)));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    Image image = sample.image();
    return canvas.warped(sample, about(image, new Projection.Motion(
        Range.around(degrees).draw(random.at("angle")),
        Math.rint(Range.around(translate * image.width()).draw(random.at("right"))),
        Math.rint(Range.around(translate * image.height()).draw(random.at("down"))),
        scale.draw(random.at("scale")),
        Range.around(shear).draw(random.at("shear")),
        0)));
  }

  /** About the image's centre, see {@link Projection#affine}. */
  static Projection about(Image image, Projection.Motion motion) {
    return Projection.affine(image.width() / 2.0, image.height() / 2.0, motion);
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(degrees), Range.of(translate), scale, Range.of(shear));
  }
}

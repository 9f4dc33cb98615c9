package dev.fovea.augment;

import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.tensor.Rng;
import java.util.List;

/**
 * Some random operations of one magnitude: Cubuk et al. 2019 (RandAugment, arXiv 1909.13719), with the operations and the amounts
 * of torchvision's RandAugment.
 *
 * @param operations their number, from 1 to 20; 2 by default
 * @param magnitude from 0 to 30; 9 by default
 */
public record RandAugment(int operations, int magnitude) implements Transform {
  private static final List<Operation> OPERATIONS = List.of(Operation.values());

  private static final String NAME = "randaugment";

  public RandAugment {
    Steps.require(NAME, "operations", operations, 1, 20);
    Steps.require(NAME, "magnitude", magnitude, 0, Operation.MAGNITUDES - 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    Sample changed = sample;
    for (int i = 0; i < operations; i++) {
      Operation operation = OPERATIONS.get(random.at("operation").below(i, OPERATIONS.size()));
      double amount = amount(operation, changed.image());
      boolean negative = operation.isSigned() && random.at("sign").below(i, 2) == 1;
      changed = operation.apply(changed, negative ? -amount : amount, canvas);
    }
    return changed;
  }

  private double amount(Operation operation, Image image) {
    return switch (operation) {
      case SHEAR_X, SHEAR_Y -> Operation.part(0.3, magnitude);
      case TRANSLATE_X -> Operation.part(150.0 / 331 * image.width(), magnitude);
      case TRANSLATE_Y -> Operation.part(150.0 / 331 * image.height(), magnitude);
      case ROTATE -> Operation.part(30, magnitude);
      case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> Operation.part(0.9, magnitude);
      case POSTERIZE -> Operation.bits(magnitude, 7.5);
      case SOLARIZE -> Operation.threshold(magnitude);
      case IDENTITY, AUTO_CONTRAST, EQUALIZE -> 0;
    };
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(operations), Range.of(magnitude));
  }
}

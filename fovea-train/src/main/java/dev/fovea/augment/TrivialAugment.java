package dev.fovea.augment;

import dev.fovea.data.Sample;
import dev.fovea.tensor.Rng;
import java.util.List;

/**
 * One random operation of a random magnitude: Mueller and Hutter 2021 (TrivialAugment, arXiv 2103.10158), with the operations and
 * the amounts of torchvision's TrivialAugmentWide.
 */
public record TrivialAugment() implements Transform {
  private static final List<Operation> OPERATIONS = List.of(Operation.values());

  @Override
  public String name() {
    return "trivialaugment";
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    Operation operation = OPERATIONS.get(random.at("operation").below(0, OPERATIONS.size()));
    double amount = amount(operation, random.at("magnitude").below(0, Operation.MAGNITUDES));
    boolean negative = operation.isSigned() && random.at("sign").below(0, 2) == 1;
    return operation.apply(sample, negative ? -amount : amount, canvas);
  }

  private static double amount(Operation operation, int magnitude) {
    return switch (operation) {
      case SHEAR_X, SHEAR_Y, BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> Operation.part(0.99, magnitude);
      case TRANSLATE_X, TRANSLATE_Y -> Operation.part(32, magnitude);
      case ROTATE -> Operation.part(135, magnitude);
      case POSTERIZE -> Operation.bits(magnitude, 5);
      case SOLARIZE -> Operation.threshold(magnitude);
      case IDENTITY, AUTO_CONTRAST, EQUALIZE -> 0;
    };
  }

  @Override
  public String toString() {
    return Steps.text(this);
  }
}

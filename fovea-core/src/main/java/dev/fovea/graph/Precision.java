package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import java.util.Locale;

/** Whether an engine may compute sums in another form than the definition's; all arithmetic is in 32-bit floats. */
public enum Precision {
  /** Convolutions may use Winograd's transforms, whose error is up to about 1e-5 of a map's largest value. */
  FAST,
  /** Every output element is the direct sum of its products. */
  EXACT;

  /** The system property that sets the precision of {@link Backends#find}. */
  public static final String PROPERTY = "fovea.precision";

  /** The value of {@link #PROPERTY}, FAST if it is not set. */
  public static Precision chosen() {
    String text = System.getProperty(PROPERTY, FAST.spelling());
    for (Precision precision : values()) {
      if (precision.spelling().equals(text)) {
        return precision;
      }
    }
    throw new FoveaException("-D" + PROPERTY + "=" + text + ": expected fast or exact");
  }

  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }
}

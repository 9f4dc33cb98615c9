package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import java.util.Locale;

/** Whether an engine may sum otherwise than the definition says; all arithmetic is in 32-bit floats. */
public enum Precision {
  /** Convolutions may go through Winograd's transforms, which err by up to some 1e-5 of a map's largest number. */
  FAST,
  /** Every output number is the sum of its products. */
  EXACT;

  /** The system property that says what {@link Backends#find} gives. */
  public static final String PROPERTY = "fovea.precision";

  /** What {@link #PROPERTY} says, FAST where it says nothing. */
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

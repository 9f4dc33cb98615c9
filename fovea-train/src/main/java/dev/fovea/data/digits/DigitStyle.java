package dev.fovea.data.digits;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A writing style of a digit: strokes, each a curve through points of a unit box (x right, y down).
 *
 * @param name describes the style
 * @param weight the relative frequency among its digit's styles
 */
record DigitStyle(String name, int weight, List<Stroke> strokes) {

  /** A point on a stroke; at a corner the pen changes direction abruptly. */
  record Knot(float x, float y, boolean corner) {}

  /** The curve between putting the pen down and lifting it. */
  record Stroke(List<Knot> knots) {}

  /**
   * Reads strokes as {@code "x,y x,y! ... / x,y ..."}: hundredths of the box, {@code !} marks a corner, {@code /} lifts the pen.
   */
  static DigitStyle of(String name, int weight, String strokes) {
    List<Stroke> read = new ArrayList<>();
    for (String stroke : strokes.split(" / ", -1)) {
      List<Knot> knots = new ArrayList<>();
      for (String knot : stroke.strip().split(" +", -1)) {
        knots.add(knot(knot));
      }
      read.add(new Stroke(List.copyOf(knots)));
    }
    return new DigitStyle(name, weight, List.copyOf(read));
  }

  private static Knot knot(String text) {
    boolean corner = text.endsWith("!");
    int comma = text.indexOf(',');
    if (comma < 0) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, "not a point: '%s'", text));
    }
    float x = Integer.parseInt(text.substring(0, comma)) / 100f;
    float y = Integer.parseInt(text.substring(comma + 1, text.length() - (corner ? 1 : 0))) / 100f;
    return new Knot(x, y, corner);
  }
}

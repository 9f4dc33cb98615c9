package dev.fovea.zoo.notation;

import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import java.util.Locale;
import java.util.OptionalInt;

/** One step of a network in the {@link Notation}, as it was read or as a graph tells it; groups are written out. */
public sealed interface NotationStep {
  /** Where nobody wrote it: a step that was found in a graph. */
  int NOWHERE = 0;

  /** The column of its first letter in the text, from 1; {@link #NOWHERE} where there is no text. */
  int column();

  /** Filters over a window; the input's channels are inferred. */
  record Conv(int filters, Window window, int groups, boolean bias, int column) implements NotationStep {}

  /**
   * One number of each window.
   *
   * @param evened a window of 2x2 that moves by 2 and says nothing of the border: odd sides get a row or a column more
   */
  record Pool(Kind kind, Window window, boolean evened, int column) implements NotationStep {
    /** What becomes of a window. */
    enum Kind {
      MAX,
      MEAN,
      GAUSSIAN,
      TRAINABLE,
      LP;

      String spelling() {
        return name().toLowerCase(Locale.ROOT);
      }

      /** The window of a pooling without one. */
      Window usual() {
        return this == GAUSSIAN ? same(Window.of(3).stride(2)) : Window.of(2).stride(2);
      }
    }

    /** Pooling without a word on its window. */
    static Pool usual(Kind kind, int column) {
      return new Pool(kind, kind.usual(), kind != Kind.GAUSSIAN, column);
    }
  }

  /** A map of that size, whatever comes in. */
  record Adaptive(boolean max, int h, int w, int column) implements NotationStep {}

  /** Fully connected; a map is flattened first. Without a number it has a unit a class. */
  record Fc(OptionalInt units, boolean bias, int column) implements NotationStep {}

  record Activate(Activation activation, int column) implements NotationStep {}

  /** Of another slope than {@link Activation#LEAKY_RELU}. */
  record LeakyRelu(float slope, int column) implements NotationStep {}

  record Maxout(int pieces, int column) implements NotationStep {}

  record Dropout(float rate, int column) implements NotationStep {}

  record BatchNorm(int column) implements NotationStep {}

  record Lrn(int size, int column) implements NotationStep {}

  record Flatten(int column) implements NotationStep {}

  float USUAL_SLOPE = 0.01f;
  float USUAL_RATE = 0.5f;
  int USUAL_LRN = 5;

  /** A window in the padding that makes H / S places of H, rounded up, as {@link dev.fovea.layer.Conv2d#same} does. */
  static Window same(Window w) {
    int rows = w.extentH() - 1;
    int columns = w.extentW() - 1;
    return w.padding(rows / 2, columns / 2, rows - rows / 2, columns - columns / 2);
  }

  /** In canonical form: small letters, and nothing that goes without saying. */
  default String text() {
    return switch (this) {
      case Conv c -> "conv " + c.filters + convWindow(c.window) + (c.groups == 1 ? "" : " groups " + c.groups) + bias(c.bias);
      case Pool p -> "pool" + (p.kind == Pool.Kind.MAX ? "" : " " + p.kind.spelling()) + poolWindow(p);
      case Adaptive a when a.h == 1 && a.w == 1 -> "global" + (a.max ? " max" : "");
      case Adaptive a -> "adaptive" + (a.max ? " max " : " ") + a.h + "x" + a.w;
      case Fc f -> "fc" + (f.units.isPresent() ? " " + f.units.getAsInt() : "") + bias(f.bias);
      case Activate a -> a.activation.spelling();
      case LeakyRelu l -> Activation.LEAKY_RELU.spelling() + " " + number(l.slope);
      case Maxout m -> "maxout " + m.pieces;
      case Dropout d -> "dropout" + (d.rate == USUAL_RATE ? "" : " " + number(d.rate));
      case BatchNorm _ -> "batchnorm";
      case Lrn l -> "lrn" + (l.size == USUAL_LRN ? "" : " " + l.size);
      case Flatten _ -> "flatten";
    };
  }

  private static String bias(boolean bias) {
    return bias ? "" : " no bias";
  }

  private static String number(float value) {
    String text = Float.toString(value).toLowerCase(Locale.ROOT);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  private static String convWindow(Window w) {
    String kernel = w.kernelH() == 3 && w.kernelW() == 3 ? "" : " " + w.kernelH() + "x" + w.kernelW();
    String stride = w.strideH() == 1 && w.strideW() == 1 ? "" : " stride " + pair(w.strideH(), w.strideW());
    return kernel + stride + (isUsual(w) ? "" : " pad " + pad(w)) + dilation(w);
  }

  private static String poolWindow(Pool p) {
    Window w = p.window;
    Window usual = p.kind.usual();
    boolean plain = w.kernelH() == usual.kernelH() && w.kernelW() == usual.kernelW() && w.strideH() == 2 && w.strideW() == 2;
    String kernel = plain ? "" : " " + w.kernelH() + "x" + w.kernelW() + " stride " + pair(w.strideH(), w.strideW());
    boolean gaussian = p.kind == Pool.Kind.GAUSSIAN;
    boolean padded = gaussian ? !isUsual(w) : !w.equals(w.padding(0));
    boolean bare = plain && !gaussian && !p.evened && !w.ceil() && dilation(w).isEmpty();
    return kernel + (padded || bare ? " pad " + pad(w) : "") + dilation(w) + (w.ceil() ? " ceil" : "");
  }

  /** Whether its padding goes without saying: frameworks differ in that of even windows, and so did this notation once. */
  private static boolean isUsual(Window w) {
    return w.equals(same(w)) && w.extentH() % 2 == 1 && w.extentW() % 2 == 1;
  }

  private static String pad(Window w) {
    if (w.top() == w.bottom() && w.left() == w.right()) {
      return pair(w.top(), w.left());
    }
    return w.equals(same(w)) ? "same" : w.top() + "," + w.left() + "," + w.bottom() + "," + w.right();
  }

  private static String dilation(Window w) {
    return w.dilationH() == 1 && w.dilationW() == 1 ? "" : " dilation " + pair(w.dilationH(), w.dilationW());
  }

  private static String pair(int h, int w) {
    return h == w ? String.valueOf(h) : h + "x" + w;
  }
}

package dev.fovea.zoo.notation;

import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import java.util.Locale;
import java.util.OptionalInt;

/** One step of a network in the {@link Notation}, parsed or found in a graph; groups are expanded. */
public sealed interface NotationStep {
  /** The column of a step that was found in a graph. */
  int NOWHERE = 0;

  /** The column of its first letter in the text, from 1; {@link #NOWHERE} without a text. */
  int column();

  /** Filters over a window; the input's channels are inferred. */
  record Conv(int filters, Window window, int groups, boolean bias, int column) implements NotationStep {}

  /**
   * Pooling: one value per window.
   *
   * @param evened whether odd sides are padded by a row or a column: a 2x2 window with stride 2 without settings of the border
   */
  record Pool(Kind kind, Window window, boolean evened, int column) implements NotationStep {
    /** The reduction of a window. */
    enum Kind {
      MAX,
      MEAN,
      GAUSSIAN,
      TRAINABLE,
      LP;

      String spelling() {
        return name().toLowerCase(Locale.ROOT);
      }

      /** The default window. */
      Window standard() {
        return this == GAUSSIAN ? same(Window.of(3).stride(2)) : Window.of(2).stride(2);
      }
    }

    /** Pooling with the default window. */
    static Pool standard(Kind kind, int column) {
      return new Pool(kind, kind.standard(), kind != Kind.GAUSSIAN, column);
    }
  }

  /** Pooling to a map of this size, for any input size. */
  record Adaptive(boolean max, int h, int w, int column) implements NotationStep {}

  /** Fully connected; a map is flattened first. Without a number it has one unit per class. */
  record Fc(OptionalInt units, boolean bias, int column) implements NotationStep {}

  record Activate(Activation activation, int column) implements NotationStep {}

  /** With another slope than {@link Activation#LEAKY_RELU}. */
  record LeakyRelu(float slope, int column) implements NotationStep {}

  record Maxout(int pieces, int column) implements NotationStep {}

  record Dropout(float rate, int column) implements NotationStep {}

  record BatchNorm(int column) implements NotationStep {}

  record Lrn(int size, int column) implements NotationStep {}

  record Flatten(int column) implements NotationStep {}

  float DEFAULT_SLOPE = 0.01f;
  float DEFAULT_RATE = 0.5f;
  int DEFAULT_LRN = 5;

  /** The window with padding so that the output size is H / S, rounded up, as {@link dev.fovea.layer.Conv2d#same} does. */
  static Window same(Window w) {
    int rows = w.extentH() - 1;
    int columns = w.extentW() - 1;
    return w.padding(rows / 2, columns / 2, rows - rows / 2, columns - columns / 2);
  }

  /** The canonical form: lower case, without default settings. */
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
      case Dropout d -> "dropout" + (d.rate == DEFAULT_RATE ? "" : " " + number(d.rate));
      case BatchNorm _ -> "batchnorm";
      case Lrn l -> "lrn" + (l.size == DEFAULT_LRN ? "" : " " + l.size);
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
    return kernel + stride + (hasDefaultPadding(w) ? "" : " pad " + pad(w)) + dilation(w);
  }

  private static String poolWindow(Pool p) {
    Window w = p.window;
    Window standard = p.kind.standard();
    boolean plain =
        w.kernelH() == standard.kernelH() && w.kernelW() == standard.kernelW() && w.strideH() == 2 && w.strideW() == 2;
    String kernel = plain ? "" : " " + w.kernelH() + "x" + w.kernelW() + " stride " + pair(w.strideH(), w.strideW());
    boolean gaussian = p.kind == Pool.Kind.GAUSSIAN;
    boolean padded = gaussian ? !hasDefaultPadding(w) : !w.equals(w.padding(0));
    boolean bare = plain && !gaussian && !p.evened && !w.ceil() && dilation(w).isEmpty();
    return kernel + (padded || bare ? " pad " + pad(w) : "") + dilation(w) + (w.ceil() ? " ceil" : "");
  }

  /** Whether its padding is the default; that of even windows is always written, since frameworks and older versions differ. */
  private static boolean hasDefaultPadding(Window w) {
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

package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.PartialConv2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.Subsample2d;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * LeNet-5 as in its paper, 60,000 trained parameters. LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to
 * document recognition, Proc. IEEE 86(11), 1998, section II.B, table I and appendix A.
 *
 * <p>What differs from the paper: the bitmaps of the digits are our own, further classes have random patterns, and the loss (the
 * paper's equation 9) is without its constant j.
 *
 * @param drawn whether the output compares with fixed bitmaps, as in the paper; else it is linear and trained, with 850 more
 *     parameters
 */
public record LeNet51998(int classes, boolean drawn) implements Layer {
  /** Table I: the maps of S2 that each map of C3 reads. */
  private static final List<List<Integer>> C3 =
      List.of(
          List.of(0, 1, 2), List.of(1, 2, 3), List.of(2, 3, 4), List.of(3, 4, 5), List.of(0, 4, 5), List.of(0, 1, 5),
          List.of(0, 1, 2, 3), List.of(1, 2, 3, 4), List.of(2, 3, 4, 5), List.of(0, 3, 4, 5), List.of(0, 1, 4, 5),
          List.of(0, 1, 2, 5), List.of(0, 1, 3, 4), List.of(1, 2, 4, 5), List.of(0, 2, 3, 5), List.of(0, 1, 2, 3, 4, 5));

  /** With the paper's output. */
  public static LeNet51998 paper(int classes) {
    return new LeNet51998(classes, true);
  }

  /** With a linear output, as in most reimplementations. */
  public static LeNet51998 linear(int classes) {
    return new LeNet51998(classes, false);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) { //                    1 x 32 x 32
    return Sequential.of(
        Conv2d.of(6, 5).named("c1"), //                            6 x 28 x 28
        Activation.SCALED_TANH,
        Subsample2d.of(2).named("s2"), //                          6 x 14 x 14
        Activation.SCALED_TANH,
        new PartialConv2d(C3, Window.of(5)).named("c3"), //       16 x 10 x 10
        Activation.SCALED_TANH,
        Subsample2d.of(2).named("s4"), //                         16 x 5 x 5
        Activation.SCALED_TANH,
        Conv2d.of(120, 5).named("c5"), //                        120 x 1 x 1
        Activation.SCALED_TANH,
        new Flatten(), //                                        120
        Linear.of(Bitmaps.SIZE).named("f6"), //                  84
        Activation.SCALED_TANH,
        (drawn ? new Bitmaps(classes) : Linear.of(classes)).named("output"))
        .apply(g, x);
  }

  /**
   * Radial basis functions around fixed bitmaps of 7 x 12 pixels, -1 or 1: {@code -sum over j of (x_j - w_ij)^2}, the negative of
   * the paper's penalty, so that the nearest bitmap has the largest logit. From {@code [N, 84]} to {@code [N, K]}.
   */
  private record Bitmaps(int classes) implements Layer {
    static final int SIZE = 84;

    @Override
    public Value apply(GraphBuilder g, Value x) {
      Value ink = g.frozen("weight", Shape.of(classes, SIZE), new Init.Ones(ink()));
      Value bitmaps = g.add(g.mul(ink, g.number(2)), g.number(-1));
      // -(x - w)^2 = 2xw - x^2 - w^2, and a bitmap's squares sum to its size
      Value twice = g.mul(g.op(new Op.Gemm(false, true), x, bitmaps), g.number(2));
      Value squares = g.add(g.op(new Op.Sum(1), g.mul(x, x)), g.number(SIZE));
      return g.add(twice, g.mul(squares, g.number(-1)));
    }

    /** The indices of the bitmaps' black pixels. */
    private List<Integer> ink() {
      List<Integer> ink = new ArrayList<>();
      for (int at = 0; at < classes * SIZE; at++) {
        int pixel = at % SIZE;
        boolean digit = at / SIZE < DIGITS.size();
        if (digit ? DIGITS.get(at / SIZE).charAt(pixel) == '#' : Rng.of(1998).below(at, 2) == 1) {
          ink.add(at);
        }
      }
      return ink;
    }
  }

  // spotless:off
  private static final List<String> DIGITS = bitmaps("""
      ..###.. ...#... .#####. #####.. ....##. ####### ...###. ####### .#####. ..###..
      .#...#. ..##... ##...## ....##. ...###. ##..... ..##... ##...## ##...## .##.##.
      ##...## .###... .....## .....## ...#.#. ##..... .##.... .....## ##...## ##...##
      ##...## ...#... .....## .....## ..##.#. ##..... ##..... ....##. ##...## ##...##
      ##...## ...#... ....##. ....##. ..#..#. #####.. ##.##.. ....#.. .##.##. ##...##
      ##...## ...#... ...##.. ..###.. .##..#. ....##. ###.##. ...##.. ..###.. .##.###
      ##...## ...#... ...#... ....##. .#...#. .....## ##...## ...#... .##.##. ..##.##
      ##...## ...#... ..##... .....## ####### .....## ##...## ..##... ##...## .....##
      ##...## ...#... .##.... .....## .....#. .....## ##...## ..#.... ##...## .....##
      ##...## ...#... ##..... .....## .....#. .....## ##...## .##.... ##...## ....##.
      .#...#. ...#... ##..... ....##. .....#. ##..##. .##.##. .#..... ##...## ...##..
      ..###.. .#####. ####### #####.. .....#. .####.. ..###.. ##..... .#####. .###...
      """);
  // spotless:on

  /** Splits ten bitmaps that are next to each other; each is returned as its rows, concatenated. */
  private static List<String> bitmaps(String sheet) {
    List<String[]> rows = sheet.lines().map(line -> line.split(" ", -1)).toList();
    List<String> bitmaps = new ArrayList<>();
    for (int digit = 0; digit < rows.getFirst().length; digit++) {
      StringBuilder bitmap = new StringBuilder();
      for (String[] row : rows) {
        bitmap.append(row[digit]);
      }
      bitmaps.add(bitmap.toString());
    }
    return List.copyOf(bitmaps);
  }
}

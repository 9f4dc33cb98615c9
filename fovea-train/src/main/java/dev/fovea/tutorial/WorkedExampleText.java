package dev.fovea.tutorial;

import dev.fovea.graph.Window;
import dev.fovea.tutorial.WorkedExample.Backward;
import dev.fovea.tutorial.WorkedExample.ChannelWindow;
import dev.fovea.tutorial.WorkedExample.Forward;
import dev.fovea.tutorial.WorkedExample.Gradient;
import dev.fovea.tutorial.WorkedExample.Position;
import dev.fovea.tutorial.WorkedExample.Term;
import dev.fovea.tutorial.WorkedExample.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A {@link WorkedExample} for a terminal of 100 columns, in ASCII. */
public final class WorkedExampleText {
  private final WorkedExample example;

  private WorkedExampleText(WorkedExample example) {
    this.example = example;
  }

  /** Every window, product and sum of the convolution. */
  public static String convolution(WorkedExample example) {
    return new WorkedExampleText(example).convolution();
  }

  /** Every term and sum of the gradients. */
  public static String backpropagation(WorkedExample example) {
    return new WorkedExampleText(example).backpropagation();
  }

  private String convolution() {
    Forward forward = example.forward();
    List<String> lines = new ArrayList<>();
    lines.add("Convolution, element by element");
    lines.add("");
    lines.addAll(sizes());
    lines.add("");
    lines.addAll(volumes());
    lines.add("Output, " + example.rows() + "x" + example.columns() + "x" + example.count() + ":");
    lines.addAll(maps(forward.output(), "output"));
    lines.add("");
    lines.add("Each element of the output: a window of the padded input times the filter, element by element, and");
    lines.add("the sum of products and bias. Rows and columns count from 0; those below 0 or above "
        + (example.input().shape().dim(2) - 1) + " are padding.");
    forward.positions().forEach(p -> lines.addAll(position(p)));
    return text(lines);
  }

  private List<String> sizes() {
    Window w = example.window();
    int height = example.input().shape().dim(2);
    int d = example.channels();
    int k = example.count();
    int f = w.kernelH();
    return List.of(
        "input    " + height + "x" + example.input().shape().dim(3) + "x" + d + "   (H x W x D)",
        "filters  " + k + " of " + f + "x" + w.kernelW() + "x" + d + ", stride S = " + w.strideH() + ", padding P = " + w.top(),
        "output   Ho = (H - F + 2P) / S + 1 = (" + height + " - " + f + " + 2*" + w.top() + ") / " + w.strideH() + " + 1 = "
            + example.rows()
            + ", so " + example.rows() + "x" + example.columns() + "x" + k,
        "weights  D*F*F*K = " + d + "*" + f + "*" + w.kernelW() + "*" + k + " = " + example.filters().shape().size()
            + ", and K = " + k
            + " biases");
  }

  /** The padded input, and the filters. */
  private List<String> volumes() {
    Window w = example.window();
    int height = example.input().shape().dim(2);
    int width = example.input().shape().dim(3);
    List<String> lines = new ArrayList<>();
    lines.add("Input, padded with zeros (.):");
    List<List<String>> channels = new ArrayList<>();
    for (int c = 0; c < example.channels(); c++) {
      int channel = c;
      channels.add(titled("channel " + c, grid(height + w.top() + w.bottom(), width + w.left() + w.right(), (row, column) -> {
        int y = row - w.top();
        int x = column - w.left();
        return y < 0 || y >= height || x < 0 || x >= width ? "." : number(example.input().at(0, channel, y, x));
      })));
    }
    lines.addAll(joined(channels, "     "));
    lines.add("");
    for (int k = 0; k < example.count(); k++) {
      int filter = k;
      lines.add("Filter " + k + ", bias " + number(example.biases().at(k)) + ":");
      lines.addAll(joined(
          IntStream.range(0, example.channels()).mapToObj(c -> titled("channel " + c, filter(filter, c))).toList(), "     "));
      lines.add("");
    }
    return lines;
  }

  private List<String> filter(int k, int c) {
    return grid(example.window().kernelH(), example.window().kernelW(), (u, v) -> number(example.filters().at(k, c, u, v)));
  }

  private static List<String> maps(Values values, String name) {
    int h = values.shape().dim(2);
    int w = values.shape().dim(3);
    IntFunction<List<String>> map = k -> titled(name + " " + k, grid(h, w, (i, j) -> number(values.at(0, k, i, j))));
    return joined(IntStream.range(0, values.shape().dim(1)).mapToObj(map).toList(), "     ");
  }

  private List<String> position(Position p) {
    Window w = example.window();
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        "output[" + p.filter() + "][" + p.row() + "][" + p.column() + "]: filter " + p.filter() + " over rows " + p.top() + " to "
            + (p.top() + w.extentH() - 1) + ", columns " + p.left() + " to " + (p.left() + w.extentW() - 1));
    List<List<String>> blocks = p.channels().stream().map(c -> titled("channel " + c.channel(), products(c))).toList();
    lines.addAll(joined(blocks, "  |"));
    String sums = p.channels().stream().map(c -> signed(c.sum())).collect(Collectors.joining(" + "));
    lines.add("  sum = " + sums + " + bias " + signed(p.bias()) + " = " + number(p.value()));
    return lines;
  }

  /** The window, the filter and their products, next to each other. */
  private List<String> products(ChannelWindow c) {
    return joined(List.of(part(c, Term::left), part(c, Term::right), part(c, Term::product)), List.of(" *", " ="));
  }

  private List<String> part(ChannelWindow c, ToDoubleFunction<Term> of) {
    int columns = example.window().kernelW();
    return grid(example.window().kernelH(), columns, (u, v) -> number(of.applyAsDouble(c.terms().get(u * columns + v))));
  }

  private String backpropagation() {
    Backward backward = example.backward();
    List<String> lines = new ArrayList<>();
    lines.add("Back-propagation through the same convolution (fovea demo convolution), element by element");
    lines.add("");
    lines.addAll(sizes());
    lines.add("");
    lines.addAll(volumes());
    lines.add("The upstream gradient dY: the derivative of the loss by each element of the output.");
    lines.addAll(maps(example.upstream(), "dY"));
    lines.add("");
    lines.add("The gradient of the filters: dW[k][c][u][v] is the sum over all outputs (i, j) of");
    lines.add("dY[k][i][j] * X[c][S*i + u - P][S*j + v - P], with 0 for X in the padding.");
    lines.add("");
    backward.filters().forEach(g -> lines.add(gradient("dW", g)));
    lines.add("");
    lines.add("The gradient of the input: dX[c][y][x] is the sum over all outputs whose window contains it of");
    lines.add("dY[k][i][j] * W[k][c][y + P - S*i][x + P - S*j].");
    lines.add("");
    backward.input().forEach(g -> lines.add(gradient("dX", g)));
    lines.add("");
    lines.add("The gradient of the biases: db[k] is the sum of dY[k].");
    lines.add("");
    backward.biases().forEach(g -> lines.add("db[" + g.indices().getFirst() + "] = "
        + g.terms().stream().map(t -> signed(t.left())).collect(Collectors.joining(" + ")) + " = " + number(g.value())));
    lines.add("");
    lines.addAll(tables(backward));
    return text(lines);
  }

  private static String gradient(String name, Gradient g) {
    String indices = g.indices().stream().map(i -> "[" + i + "]").collect(Collectors.joining());
    String terms = g.terms().stream().map(t -> number(t.left()) + "*" + signed(t.right())).collect(Collectors.joining(" + "));
    return name + indices + " = " + (terms.isEmpty() ? "0 (in no window)" : terms) + " = " + number(g.value());
  }

  /** The gradients again, in the shapes of filters and input. */
  private List<String> tables(Backward backward) {
    List<String> lines = new ArrayList<>();
    int points = example.window().kernelH() * example.window().kernelW();
    int d = example.channels();
    lines.add("All of dW:");
    for (int k = 0; k < example.count(); k++) {
      int first = k * d * points;
      int filter = k;
      IntFunction<List<String>> block = c -> titled("filter " + filter + ", channel " + c,
          table(backward.filters().subList(first + c * points, first + (c + 1) * points), example.window().kernelW()));
      lines.addAll(joined(IntStream.range(0, d).mapToObj(block).toList(), "     "));
    }
    lines.add("");
    lines.add("All of dX:");
    int plane = backward.input().size() / d;
    int width = example.input().shape().dim(3);
    IntFunction<List<String>> block =
        c -> titled("channel " + c, table(backward.input().subList(c * plane, (c + 1) * plane), width));
    lines.addAll(joined(IntStream.range(0, d).mapToObj(block).toList(), "     "));
    return lines;
  }

  private static List<String> table(List<Gradient> gradients, int columns) {
    return grid(gradients.size() / columns, columns, (i, j) -> number(gradients.get(i * columns + j).value()));
  }

  @FunctionalInterface
  private interface Cell {
    String at(int row, int column);
  }

  private static List<String> grid(int rows, int columns, Cell cell) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      StringBuilder line = new StringBuilder();
      for (int j = 0; j < columns; j++) {
        line.append(String.format(Locale.ROOT, "%3s", cell.at(i, j)));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  private static List<String> titled(String title, List<String> block) {
    List<String> lines = new ArrayList<>();
    lines.add("  " + title);
    lines.addAll(block);
    return lines;
  }

  private static List<String> joined(List<List<String>> blocks, String gap) {
    List<String> gaps = IntStream.range(0, blocks.size() - 1).mapToObj(i -> gap).toList();
    return joined(blocks, gaps);
  }

  /** Joins blocks with the same number of lines, line by line, with a gap after each but the last. */
  private static List<String> joined(List<List<String>> blocks, List<String> gaps) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < blocks.getFirst().size(); i++) {
      StringBuilder line = new StringBuilder();
      for (int b = 0; b < blocks.size(); b++) {
        int width = blocks.get(b).stream().mapToInt(String::length).max().orElse(0);
        String part = blocks.get(b).get(i);
        boolean last = b == blocks.size() - 1;
        line.append(part).append(last ? "" : " ".repeat(width - part.length()) + gaps.get(b));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** {@code -3}; with two decimals if it is not an integer. */
  private static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.2f", value);
  }

  /** In brackets if negative, since it follows another sign. */
  private static String signed(double value) {
    return value < 0 ? "(" + number(value) + ")" : number(value);
  }

  private static String text(List<String> lines) {
    return String.join("\n", lines) + "\n";
  }
}

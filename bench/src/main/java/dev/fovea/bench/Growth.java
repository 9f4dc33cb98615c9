package dev.fovea.bench;

import dev.fovea.graph.Program;
import dev.fovea.graph.Workspace;
import dev.fovea.model.Model;
import dev.fovea.report.ReportCharts;
import dev.fovea.report.ReportPage;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.ResNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntUnaryOperator;

/**
 * How the throughput of ResNet-18's predictions depends on the batch size and the image size: pixels per second, the time of
 * compilation, and whether a point is below 0.7 of the line between its neighbours. {@code Growth PAGE [SECONDS]} prints a table
 * and writes a page with plots.
 */
public final class Growth {
  private static final int[] BATCHES = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256};
  private static final int[] LARGE_BATCHES = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
  private static final int[] SIDES = {32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512};
  private static final int[] THREADS = {1, 2};
  private static final double MIN_SHARE = 0.7;

  private final double seconds;

  private Growth(double seconds) {
    this.seconds = seconds;
  }

  /** Measures all points, for some seconds each. */
  public static void main(String[] args) throws IOException {
    Growth growth = new Growth(args.length > 1 ? Double.parseDouble(args[1]) : 1);
    System.out.println("| threads | images | batch size | Mpixels/s | relative to neighbours' line | compilation, ms |");
    System.out.println("|---|---|---|---|---|---|");
    String body = growth.curve("Images of 64x64", "batch size", BATCHES, n -> 64, n -> n)
        + growth.curve("Images of 224x224", "batch size", LARGE_BATCHES, n -> 224, n -> n)
        + growth.curve("Batches of 4", "image size", SIDES, n -> n, n -> 4);
    Files.writeString(Path.of(args[0]), ReportPage.of("Throughput of ResNet-18's predictions", body));
  }

  private String curve(
      String title, String label, int[] points, IntUnaryOperator side, IntUnaryOperator batch) {
    ReportCharts.Lines chart = ReportCharts.lines(title, label, "million pixels per second").scale(ReportCharts.Scale.LINEAR);
    for (int threads : THREADS) {
      double[] throughputs = new double[points.length];
      double[] compiled = new double[points.length];
      for (int i = 0; i < points.length; i++) {
        System.err.printf(Locale.ROOT, "%s, %d threads: %d%n", title, threads, points[i]);
        measure(i, throughputs, compiled, side.applyAsInt(points[i]), batch.applyAsInt(points[i]), threads);
      }
      List<ReportCharts.Point> line = new ArrayList<>();
      for (int i = 0; i < points.length; i++) {
        double share = share(points, throughputs, i);
        int pixels = side.applyAsInt(points[i]);
        System.out.printf(Locale.ROOT, "| %d | %dx%d | %d | %.2f | %.2f%s | %.0f |%n", threads, pixels, pixels,
            batch.applyAsInt(points[i]), throughputs[i], share, share < MIN_SHARE ? " (a cliff)" : "", compiled[i]);
        line.add(new ReportCharts.Point(points[i], throughputs[i]));
      }
      chart = chart.series(threads == 1 ? "1 thread" : threads + " threads", line);
    }
    return chart.html();
  }

  private void measure(int at, double[] throughputs, double[] compiled, int side, int batch, int threads) {
    Model model = Model.create(ResNet.resnet18(1000), Shape.of(3, side, side), 1);
    long compileStart = System.nanoTime();
    Program program = model.program(batch, threads);
    compiled[at] = (System.nanoTime() - compileStart) / 1e6;
    Workspace workspace = program.workspace();
    program.run(workspace);
    program.run(workspace);
    List<Long> times = new ArrayList<>();
    for (long start = System.nanoTime(); times.size() < 3 || System.nanoTime() - start < seconds * 1e9;) {
      long runStart = System.nanoTime();
      program.run(workspace);
      times.add(System.nanoTime() - runStart);
    }
    long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
    throughputs[at] = (double) batch * side * side / sorted[sorted.length / 2] * 1e3;
  }

  /** A point's throughput relative to the line between its neighbours; 1 for the first and the last point. */
  private static double share(int[] points, double[] throughputs, int at) {
    if (at == 0 || at == points.length - 1) {
      return 1;
    }
    double fraction = (double) (points[at] - points[at - 1]) / (points[at + 1] - points[at - 1]);
    return throughputs[at] / (throughputs[at - 1] + fraction * (throughputs[at + 1] - throughputs[at - 1]));
  }
}

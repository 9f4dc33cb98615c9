package dev.fovea.cpu;

import dev.fovea.format.SafeTensors;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.GraphJson;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** Writes model files with extreme sizes. Its main method loads, plans and runs the given files and prints the outcome of each. */
final class HostileModels {
  private static final int MAX = 1 << 15;

  private final Path folder;

  private HostileModels(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] files) {
    for (String file : files) {
      String name = Path.of(file).getFileName().toString();
      String outcome;
      try {
        Model model = Model.load(Path.of(file));
        Image image = Image.of(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY));
        Object answer = model.segments() ? model.segment(image) : model.predict(image);
        outcome = answer == null ? "no answer" : "ran";
      } catch (FoveaException e) {
        outcome = "refused: " + e.getMessage();
      } catch (RuntimeException | Error e) {
        outcome = "threw " + e;
      }
      System.out.println(name + ": " + outcome);
    }
  }

  static void write(Path folder) throws IOException {
    HostileModels models = new HostileModels(folder);
    models.sizes();
    models.windows();
    models.depth();
    models.outputs();
    models.headers();
  }

  private void sizes() {
    for (int size : new int[] {500, 8192, MAX}) {
      maps("adaptive-average-" + size, 8, 8, (g, x) -> g.op(new Op.AdaptiveAveragePool(size, size), x));
      maps("adaptive-max-" + size, 8, 8, (g, x) -> g.op(new Op.AdaptiveMaxPool(size, size), x));
    }
    maps("adaptive-one-by-one", 8, 8, (g, x) -> {
      Value y = x;
      for (int i = 0; i < 20; i++) {
        y = g.op(new Op.AdaptiveMaxPool(1500 + i, 1501 - i), y);
      }
      return y;
    });
    maps("pad-rows", 8, 8, (g, x) -> g.op(new Op.Pad(2, MAX, MAX), x));
    maps("pad-columns", 8, 8, (g, x) -> g.op(new Op.Pad(3, MAX, MAX), x));
    maps("pad-to-multiple", 8, 8, (g, x) -> g.op(new Op.PadToMultiple(MAX), x));
    maps("resize", 8, 8, (g, x) -> g.op(new Op.Resize(Op.Interpolation.BILINEAR, MAX / 8), x));
    maps("input-square", 46_340, 46_340, (_, x) -> x);
    maps("input-row", 1, 100_000_000, (_, x) -> x);
    for (int rows : new int[] {100_000, 100_000_000, 2_000_000_000}) {
      maps("pools-on-" + rows, rows, 1, (g, x) -> pools(g, x, 20, Window.of(3, 1).padding(1, 0, 1, 0)));
    }
    maps("pool-3000", 8, 8, (g, x) -> pools(g, x, 3000, Window.of(3).padding(1)));
  }

  private void windows() {
    int[][] pools = {{4096, 8}, {4096, 64}, {4096, 4096}, {1024, 64}, {512, 512}, {64, 64}};
    for (int[] pool : pools) {
      Window window = Window.of(pool[0]).padding(pool[0] - 1);
      String name = pool[0] + "-on-" + pool[1];
      maps("max-pool-" + name, pool[1], pool[1], (g, x) -> g.op(new Op.MaxPool(window), x));
      maps("average-pool-" + name, pool[1], pool[1], (g, x) -> g.op(new Op.AveragePool(window, false), x));
    }
    maps("far-strides", 64, 64, (g, x) -> conv(g, x, "w", Window.of(1).stride(MAX).padding(MAX)));
    maps("dilated", 8, 8, (g, x) -> conv(g, x, "w", Window.of(3).dilation(16_000).padding(MAX)));
    for (int kernel : new int[] {31, 64, 128, 256}) {
      Window window = Window.of(kernel).padding(kernel - 1);
      maps("conv-" + kernel, kernel, kernel, (g, x) -> conv(g, x, "w", window));
    }
    maps("conv-row", 1, MAX, (g, x) -> conv(g, x, "w", Window.of(1, MAX).padding(0, MAX - 1, 0, MAX - 1)));
    for (int stride : new int[] {500, 3000}) {
      maps("transposed-" + stride, 2, 2, (g, x) -> {
        Value weight = g.param("w", Shape.of(1, 1, 3, 3), new Init.Constant(0.1f));
        return g.op(new Op.ConvTranspose(Window.of(3).stride(stride).dilation(7), 1, 0, 0), x, weight);
      });
    }
    maps("response", 8, 8, (g, x) -> g.op(new Op.Lrn(Integer.MAX_VALUE, 1, 0.5f, 1), x));
  }

  private void depth() {
    maps("relu-20000", 8, 8, (g, x) -> {
      Value y = x;
      for (int i = 0; i < 20_000; i++) {
        y = g.op(new Op.Relu(), y);
      }
      return y;
    });
    maps("relu-40000", 8, 8, (g, x) -> {
      Value y = x;
      for (int i = 0; i < 40_000; i++) {
        y = g.op(new Op.Relu(), y);
      }
      return y;
    });
    maps("conv-10000", 4, 4, (g, x) -> {
      Value y = x;
      for (int i = 0; i < 10_000; i++) {
        y = conv(g, y, "w" + i, Window.of(1));
      }
      return y;
    });
    maps("concat-20000", 4, 4, (g, x) -> g.op(new Op.Concat(),
        IntStream.range(0, 20_000).mapToObj(_ -> g.op(new Op.Relu(), x)).toList()));
    maps("conv-concat", 4, 4, (g, x) -> g.op(new Op.Concat(),
        IntStream.range(0, 10_000).mapToObj(i -> conv(g, x, "w" + i, Window.of(1))).toList()));
    maps("doubled", 4, 4, (g, x) -> {
      Value y = x;
      for (int i = 0; i < 12; i++) {
        y = g.op(new Op.Concat(), y, y);
      }
      return y;
    });
    maps("added-20000", 4, 4, (g, x) -> {
      Value y = x;
      for (int i = 0; i < 20_000; i++) {
        y = g.add(y, y);
      }
      return y;
    });
    maps("holes", 4, 4, (g, x) -> g.op(new Op.Concat(),
        IntStream.range(0, 5_000)
            .mapToObj(i -> i % 2 == 0 ? g.op(new Op.Sigmoid(), x) : g.op(new Op.Slice(2, 0, 1 + i % 4), x))
            .map(y -> g.op(new Op.AdaptiveMaxPool(1, 1), y))
            .toList()));
  }

  private void outputs() {
    classifier("constant", (g, _) -> g.op(new Op.Fill(Shape.of(1, 2), 1)));
    classifier("parameter", (g, _) -> g.param("p", Shape.of(1, 2), new Init.Constant(1)));
    classifier("sum-over-batch", (g, x) -> g.op(new Op.Sum(0), linear(g, g.op(new Op.Flatten(), x), 64)));
    classifier("products-of-images", (g, x) -> {
      Value flat = g.op(new Op.Flatten(), x);
      Value products = g.op(new Op.Gemm(true, false), flat, flat);
      return linear(g, g.op(new Op.Gemm(false, false), g.param("p", Shape.of(1, 64), new Init.Constant(1)), products), 64);
    });
    GraphBuilder g = new GraphBuilder();
    Value logits = linear(g, g.op(new Op.Flatten(), g.input("input", Shape.of(1, 1, 8, 8))), 64);
    g.output("output", logits);
    g.output("moved/fc.weight", logits);
    file("moved", g.build(), 8, 8);
    GraphBuilder h = new GraphBuilder();
    h.head("output", linear(h, h.op(new Op.Flatten(), h.input("input", Shape.of(1, 1, 8, 8))), 64), 0.3f);
    file("head", h.build(), 8, 8);
  }

  private void headers() throws IOException {
    header("values", "{\"a\":[" + "1,".repeat(900_000) + "1]}");
    header("objects", "{\"a\":[" + "{\"a\":{}},".repeat(200_000) + "{}]}");
    header("members", "{" + String.join(",", IntStream.range(0, 200_000).mapToObj(i -> "\"k" + i + "\":{}").toList()) + "}");
    header("text", "{\"a\":\"" + "x".repeat(5_000_000) + "\"}");
    header("wide-text", "{\"a\":\"" + "\u732b".repeat(2_000_000) + "\"}");
  }

  private void header(String name, String json) throws IOException {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(Long.BYTES + text.length).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text);
    Files.write(folder.resolve("header-" + name), file.array());
  }

  private static Value pools(GraphBuilder g, Value x, int count, Window window) {
    Value y = x;
    for (int i = 0; i < count; i++) {
      y = g.op(new Op.MaxPool(window), y);
    }
    return y;
  }

  private static Value conv(GraphBuilder g, Value x, String name, Window window) {
    Value weight = g.param(name, Shape.of(1, g.shape(x).dim(1), window.kernelH(), window.kernelW()), new Init.Constant(0.1f));
    return g.op(new Op.Conv(window, 1), x, weight);
  }

  private static Value linear(GraphBuilder g, Value x, int inputs) {
    return g.op(new Op.Gemm(false, true), x, g.param("fc.weight", Shape.of(2, inputs), new Init.Constant(0.1f)));
  }

  /** A model that classifies the mean of the maps that the body computes. */
  private void maps(String name, int height, int width, BiFunction<GraphBuilder, Value, Value> body) {
    GraphBuilder g = new GraphBuilder();
    Value y;
    try {
      y = body.apply(g, g.input("input", Shape.of(1, 1, height, width)));
    } catch (FoveaException e) {
      return; // refused here already, as it would be on loading
    }
    Value mean = g.op(new Op.Flatten(), g.op(new Op.AdaptiveAveragePool(1, 1), y));
    g.output("output", linear(g, mean, g.shape(mean).dim(1)));
    file(name, g.build(), height, width);
  }

  private void classifier(String name, BiFunction<GraphBuilder, Value, Value> body) {
    GraphBuilder g = new GraphBuilder();
    g.output("output", body.apply(g, g.input("input", Shape.of(1, 1, 8, 8))));
    file(name, g.build(), 8, 8);
  }

  private void file(String name, Graph graph, int height, int width) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    graph.params().forEach(p -> tensors.put(p.name(), new Tensor(p.shape(), new float[p.shape().size()])));
    String card = "{\"network\":\"n\",\"classes\":[\"a\",\"b\"],\"preprocessing\":{\"shape\":[1," + height + "," + width
        + "],\"fit\":\"stretch\",\"mean\":[0],\"std\":[1]},\"provenance\":{}}";
    SafeTensors.write(folder.resolve(name), tensors,
        Map.of("fovea", "1", "fovea.graph", GraphJson.write(graph).text(), "fovea.card", card));
  }
}

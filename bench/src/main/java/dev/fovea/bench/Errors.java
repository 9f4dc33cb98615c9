package dev.fovea.bench;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Precision;
import dev.fovea.graph.Program;
import dev.fovea.graph.Reference;
import dev.fovea.graph.Workspace;
import dev.fovea.layer.Layer;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.MobileNetV2;
import dev.fovea.zoo.ResNet;
import dev.fovea.zoo.Vgg;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far the scores of whole networks are from those in double precision, for both settings of {@link Precision}: the largest
 * error of one image's scores relative to the largest score. Weights and image are random. {@code Errors} prints a table.
 */
public final class Errors {
  private static final int CLASSES = 1000;
  private static final long SEED = 1;

  private Errors() {}

  /** Measures all networks: six minutes, most of them for VGG-16, since the reference in double is a direct convolution. */
  public static void main(String[] args) {
    Map<String, Layer> networks = new TreeMap<>(Map.of(
        "resnet18", ResNet.resnet18(CLASSES), "resnet50", ResNet.resnet50(CLASSES), "vgg16",
        new Vgg(Vgg.Configuration.D, false, CLASSES),
        "mobilenet-v2", new MobileNetV2(CLASSES)));
    System.out.println("| network | fast | exact |");
    System.out.println("|---|---|---|");
    networks.forEach((name, layer) -> {
      System.err.println(name);
      Model model = Model.create(layer, Shape.of(3, 224, 224), SEED);
      float[] image = image(model.input().size());
      double[] expected = reference(model, image);
      System.out.printf(Locale.ROOT, "| %s | %.1e | %.1e |%n", name, error(model, image, expected, Precision.FAST),
          error(model, image, expected, Precision.EXACT));
    });
  }

  private static float[] image(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = Rng.of(SEED).uniform(i, -1, 1);
    }
    return values;
  }

  private static double[] reference(Model model, float[] image) {
    Graph graph = model.program(1, 1).graph();
    Parameters parameters = model.parameters();
    double[][] values = Reference.run(
        graph,
        name -> {
          if (name.equals(Model.INPUT)) {
            return doubles(image, 0, image.length);
          }
          Parameters.Entry entry = parameters.entry(name);
          return doubles(parameters.values(), entry.offset(), entry.shape().size());
        },
        Rng.of(SEED));
    return values[graph.output(Model.OUTPUT).id()];
  }

  private static double error(Model model, float[] image, double[] expected, Precision precision) {
    System.setProperty(Precision.PROPERTY, precision.spelling());
    Program program = model.program(1, 2);
    Workspace workspace = program.workspace();
    Workspace.Slot in = workspace.input(Model.INPUT);
    System.arraycopy(image, 0, in.array(), in.offset(), image.length);
    program.run(workspace);
    Workspace.Slot out = workspace.output(Model.OUTPUT);
    double[] scores = doubles(out.array(), out.offset(), expected.length);
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(scores[i] - expected[i]));
    }
    return worst / Arrays.stream(expected).map(Math::abs).max().orElse(1);
  }

  private static double[] doubles(float[] values, int from, int count) {
    double[] doubles = new double[count];
    Arrays.setAll(doubles, i -> values[from + i]);
    return doubles;
  }
}

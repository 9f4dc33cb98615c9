package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.data.Split;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveMaxPool2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Drawn images of 16x16: a square, a bar and a cross, each or none, for several labels; or one square, whose position is two numbers in
 * made-up units.
 */
record Shapes(String name, int size, boolean numbers) implements Dataset {
  static final int SIDE = 16;
  static final Shape SHAPE = Shape.of(1, SIDE, SIDE);
  static final Task.SeveralLabels LABELS = new Task.SeveralLabels(List.of("square", "bar", "cross"));

  /** x in hundreds from 1000 on, y downwards; the mean and standard deviation of positions 2 to 13. */
  static final Task.Numbers POSITION =
      new Task.Numbers(List.of(new Task.Quantity("x", 1750, 345), new Task.Quantity("y", -7.5, 3.45)));

  static Split split(boolean numbers) {
    return new Split(new Shapes("shapes:train", 200, numbers), new Shapes("shapes:validation", 60, numbers),
        Optional.of(new Shapes("shapes:test", 60, numbers)));
  }

  static Model model(Task task, long seed) {
    Layer position = Sequential.of(MaxPool2d.of(2), new Flatten(), Linear.of(24).named("hidden"), Activation.RELU);
    Layer anywhere = Sequential.of(Conv2d.of(12, 3).named("conv2"), Activation.RELU, AdaptiveMaxPool2d.of(1, 1), new Flatten());
    Sequential layers = Sequential.of(Conv2d.of(8, 3).padding(1).named("conv"), Activation.RELU,
        task instanceof Task.Numbers ? position : anywhere, Linear.of(task.size()).named("output"));
    return Model.create(layers, new Card("shapes", task, Preprocessing.of(SHAPE, Fit.STRETCH), Map.of()), seed);
  }

  static Trainer trainer(Model model) {
    return Trainer.of(model).optimizer(Sgd.momentum(0.9)).schedule(Schedule.cosine(0.05)).batchSize(16).epochs(12).seed(3)
        .threads(1);
  }

  private int random(int index, String what, int bound) {
    return Rng.of(11).at(name).at(what).below(index, bound);
  }

  /** The centre of a shape, from 2 to 13. */
  private int centre(int index, String what) {
    return 2 + random(index, what, 12);
  }

  /** The third is rare. */
  private boolean has(int index, int label) {
    return random(index, "label " + label, 10) < (label == 2 ? 2 : 5);
  }

  @Override
  public Task task() {
    return numbers ? POSITION : LABELS;
  }

  @Override
  public void target(int index, float[] to, int offset) {
    if (numbers) {
      to[offset] = (float) POSITION.quantities().getFirst().standardised(1000 + 100 * centre(index, "x0"));
      to[offset + 1] = (float) POSITION.quantities().getLast().standardised(-centre(index, "y0"));
      return;
    }
    IntStream.range(0, 3).forEach(label -> to[offset + label] = has(index, label) ? 1 : 0);
  }

  @Override
  public Image image(int index) {
    byte[] pixels = new byte[SIDE * SIDE];
    for (int p = 0; p < pixels.length; p++) {
      pixels[p] = (byte) random(index * pixels.length + p, "noise", 40);
    }
    for (int label = 0; label < (numbers ? 1 : 3); label++) {
      if (numbers || has(index, label)) {
        draw(pixels, label, centre(index, "x" + label), centre(index, "y" + label));
      }
    }
    return new Image(SIDE, SIDE, 1, pixels);
  }

  private static void draw(byte[] pixels, int label, int x, int y) {
    for (int dy = -2; dy <= 2; dy++) {
      for (int dx = -2; dx <= 2; dx++) {
        boolean inside = switch (label) {
          case 0 -> Math.abs(dx) < 2 && Math.abs(dy) < 2;
          case 1 -> dy == 0;
          default -> Math.abs(dx) == Math.abs(dy);
        };
        if (inside) {
          pixels[(y + dy) * SIDE + x + dx] = (byte) 230;
        }
      }
    }
  }

  @Override
  public List<String> classes() {
    return numbers ? List.of() : LABELS.classes();
  }

  @Override
  public int label(int index) {
    throw new AssertionError("it has not one label");
  }

  @Override
  public Shape shape() {
    return SHAPE;
  }
}

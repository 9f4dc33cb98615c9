package dev.fovea.train;

import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Palette;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.optim.Adam;
import dev.fovea.optim.Schedule;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Images of 12x8 pixels with three classes of distinct colours, as a folder in CamVid's layout. */
public final class Scenes {
  public static final List<String> CLASSES = List.of("sky", "sea", "boat");
  public static final int WIDTH = 12;
  public static final int HEIGHT = 8;
  private static final int[][] COLOURS = {{90, 140, 210}, {20, 60, 120}, {200, 80, 60}};

  private Scenes() {}

  /** {@code empty}: the distance of pixels without a class; 0: none. */
  public static Split write(Path folder, int empty) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("classes.txt"), CLASSES);
    part(folder, "train", 11, empty);
    part(folder, "val", 5, empty);
    return Datasets.open("segmentation:" + folder);
  }

  private static void part(Path folder, String part, int count, int empty) throws IOException {
    Path images = Files.createDirectories(folder.resolve(part));
    Path labels = Files.createDirectories(folder.resolve(part + "annot"));
    for (int i = 0; i < count; i++) {
      Rng random = Rng.of(3).at(part).at(i);
      LabelMap map = labels(random);
      Image image = image(map, random.at("noise"));
      for (int p = 0; empty > 0 && p < map.classes().length; p += empty) {
        map.classes()[p] = (byte) LabelMap.VOID;
      }
      image.write(images.resolve("p" + i + ".png"));
      new Palette(CLASSES).write(map, labels.resolve("p" + i + ".png"));
    }
  }

  private static LabelMap labels(Rng random) {
    byte[] classes = new byte[WIDTH * HEIGHT];
    int horizon = 2 + random.below(0, 4);
    int boat = random.below(1, WIDTH - 4);
    for (int i = 0; i < classes.length; i++) {
      int x = i % WIDTH;
      int y = i / WIDTH;
      boolean inBoat = x >= boat && x < boat + 4 && y >= horizon - 1 && y <= horizon + 1;
      classes[i] = (byte) (inBoat ? 2 : y < horizon ? 0 : 1);
    }
    return new LabelMap(WIDTH, HEIGHT, classes);
  }

  private static Image image(LabelMap map, Rng noise) {
    byte[] pixels = new byte[3 * map.classes().length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (COLOURS[map.classes()[i / 3]][i % 3] + noise.below(i, 40));
    }
    return new Image(WIDTH, HEIGHT, 3, pixels);
  }

  public static Model model() {
    return model(CLASSES, HEIGHT, WIDTH);
  }

  public static Model model(List<String> classes, int height, int width) {
    Layer layer = Sequential.of(
        Conv2d.of(8, 3).padding(1).named("conv"), Activation.RELU, Conv2d.of(classes.size(), 1).named("classes"));
    Preprocessing preprocessing = Preprocessing.of(Shape.of(3, height, width), Fit.STRETCH);
    return Model.create(layer, new Card("scenes", classes, preprocessing, Map.of()), 1);
  }

  public static Trainer trainer(Model model) {
    return Trainer.of(model).optimizer(Adam.standard()).schedule(Schedule.constant(0.02)).batchSize(4).epochs(30).threads(1);
  }
}

package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.data.MemoryDataset;
import dev.fovea.data.Split;
import dev.fovea.format.SafeTensors;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.run.RunConfig;
import dev.fovea.run.TrainingRun;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A problem that is learned quickly: 4x4 images of three classes, which differ in the bright row. */
public final class Tiny {
  public static final List<String> CLASSES = List.of("top", "middle", "bottom");
  private static final Shape SHAPE = Shape.of(1, 4, 4);

  private Tiny() {}

  public static Dataset images(String name, int size) {
    Rng random = Rng.of(5).at(name);
    byte[] pixels = new byte[size * SHAPE.size()];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      labels[i] = random.at("label").below(i, CLASSES.size());
      for (int p = 0; p < SHAPE.size(); p++) {
        boolean bright = p / 4 == labels[i];
        pixels[i * SHAPE.size() + p] = (byte) ((bright ? 120 : 40) + random.below((long) i * SHAPE.size() + p, 100));
      }
    }
    return MemoryDataset.of(name, CLASSES, SHAPE, pixels, labels, Fit.STRETCH);
  }

  /** 43 training images: with batch size 8 the last batch has 3. */
  public static Split split() {
    return new Split(images("tiny:train", 43), images("tiny:validation", 20), Optional.of(images("tiny:test", 20)));
  }

  public static Model model(long seed) {
    Layer layer =
        Sequential.of(
            new Flatten(), Linear.of(6).named("hidden"), Activation.RELU, new Dropout(0.25), Linear.of(3).named("output"));
    return Model.create(layer, new Card("tiny", CLASSES, Preprocessing.of(SHAPE, Fit.STRETCH), Map.of()), seed);
  }

  public static Trainer trainer(Model model) {
    return Trainer.of(model)
        .optimizer(Sgd.momentum(0.9).weightDecay(1e-3))
        .schedule(Schedule.cosine(0.2).warmup(3, 0.1))
        .batchSize(8)
        .epochs(3)
        .seed(7)
        .threads(1);
  }

  public static RunConfig config() {
    return config(Map.of("hidden", "6"));
  }

  /** With these options of {@code fovea train}, by name. */
  public static RunConfig config(Map<String, String> options) {
    RunConfig.Training training = new RunConfig.Training(8, "sgd", 0.2, 0.9, 1e-3, "cosine", 0, 7, 1);
    return new RunConfig("tiny", options, "tiny", 3, 0, training);
  }

  public static TrainingRun run() {
    return run(config());
  }

  public static TrainingRun run(RunConfig config) {
    return TrainingRun.of(config, model(config.training().seed()), split());
  }

  /** The bits of all tensors of a file. */
  public static Map<String, List<Integer>> bits(Path file) {
    Map<String, List<Integer>> bits = new TreeMap<>();
    try (SafeTensors tensors = SafeTensors.read(file)) {
      for (String name : tensors.names()) {
        float[] values = tensors.tensor(name).values();
        IntStream range = IntStream.range(0, values.length);
        bits.put(name, range.map(i -> Float.floatToRawIntBits(values[i])).boxed().toList());
      }
    }
    return bits;
  }

  /** Lines of metrics without measured times. */
  public static List<String> metrics(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll("\"(seconds|images_per_s)\":[-0-9.E]+,", "")).toList();
  }

  static Map<String, String> settings() {
    return new LinkedHashMap<>(new TrainingPlan(new TrainingSettings(Loss.CROSS_ENTROPY).with(s -> {
      s.schedule = Schedule.constant(0.1);
      s.batchSize = 8;
      s.epochs = 3;
      s.seed = 7;
    }), 43).describe());
  }
}

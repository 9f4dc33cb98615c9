package dev.fovea.cli.option;

import dev.fovea.augment.Augmentation;
import dev.fovea.cli.console.Streams;
import dev.fovea.data.Split;
import dev.fovea.data.download.Cache;
import dev.fovea.feature.FeatureCache;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.run.TrainingRun;
import dev.fovea.train.Progress;
import java.nio.file.Path;
import java.util.Optional;

/** Keeps the data set that was opened last, raw and preprocessed: the next of several runs mostly needs the same. */
public final class DatasetCache {
  private final Streams streams;
  private Optional<Opened> opened = Optional.empty();
  private Optional<Preprocessed> preprocessed = Optional.empty();

  private record Opened(RunOptions.DatasetChoice images, Split split) {}

  private record Preprocessed(RunOptions.DatasetChoice images, Preprocessing preprocessing, boolean uncropped,
      Split split) {}

  public DatasetCache(Streams streams) {
    this.streams = streams;
  }

  public Split open(RunOptions.DatasetChoice images) {
    Opened last = opened.filter(o -> o.images.equals(images)).orElseGet(() -> new Opened(images, images.open(streams)));
    opened = Optional.of(last);
    return last.split;
  }

  /** The same at the input size of the model, or as the augmentation needs them. */
  public Split preprocessed(RunOptions.DatasetChoice images, Model model, Augmentation augmentation) {
    Preprocessing wanted = model.card().preprocessing();
    boolean uncropped = augmentation.resizes();
    preprocessed =
        preprocessed.filter(p -> p.images.equals(images) && p.preprocessing.equals(wanted) && p.uncropped == uncropped);
    if (preprocessed.isEmpty()) { // the other images' memory is free by now
      Split split = DataSets.preprocessed(open(images), model, augmentation, streams);
      preprocessed = Optional.of(new Preprocessed(images, wanted, uncropped, split));
    }
    return preprocessed.get().split;
  }

  /** A run with these options, which shows its progress. */
  public TrainingRun training(RunOptions options) {
    Model model = options.model(open(options.images()), streams::say);
    return TrainingRun.of(options.config(), model, preprocessed(options.images(), model, options.augmentation()))
        .features(features())
        .listen(Progress.on(streams.err(), streams.terminal()))
        .messages(streams::say);
  }

  /** Where the features of images are kept for later runs. */
  public static Path features() {
    return Cache.folder().resolve(FeatureCache.FOLDER);
  }
}

package dev.fovea.train;

import dev.fovea.augment.Augmentation;
import dev.fovea.augment.Canvas;
import dev.fovea.data.Dataset;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.image.Palette;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Training images as a network reads them in the first epochs, to look at an augmentation before a run. Labels of pixels are blended
 * in.
 *
 * @param indices of the images in the training set
 * @param rows for each image: as it is without augmentation, then as it is in each epoch
 */
@SuppressWarnings("ArrayRecordComponent") // only read
public record AugmentationPreview(int[] indices, List<List<Image>> rows) {
  private static final int MAX = 255;

  /**
   * The preview of a run with that seed. Where images are mixed, they are so with others of the preview, while those of a run are mixed
   * with others of their batch.
   *
   * @param train the training images, of which {@code count} are chosen, evenly spaced from first to last
   */
  public static AugmentationPreview of(Dataset train, Preprocessing preprocessing, Augmentation augmentation, long seed,
      int epochs,
      int count) {
    augmentation.requireImageLabels(train.task(), train.segments());
    int size = Math.min(count, train.size());
    int[] indices = IntStream.range(0, size).map(i -> (int) ((long) i * train.size() / size)).toArray();
    PreprocessedDataset plain = train.subset(indices, train.name()).preprocessed(preprocessing);
    PreprocessedDataset kept = augmentation.resizes() ? plain.uncropped() : plain;
    Canvas canvas = Canvas.of(preprocessing);
    List<List<Image>> columns = new ArrayList<>();
    columns.add(IntStream.range(0, size).mapToObj(i -> shown(plain.sample(i), train)).toList());
    for (int epoch = 0; epoch < epochs; epoch++) {
      List<Sample> varied = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        varied.add(augmentation.apply(kept.sample(i), canvas, Augmentation.random(seed, epoch, indices[i])));
      }
      Rng step = Rng.of(seed).at("step").at(epoch);
      columns.add(augmentation.mixes()
          ? mixed(varied, preprocessing, augmentation, step)
          : varied.stream().map(sample -> shown(sample, train)).toList());
    }
    return new AugmentationPreview(
        indices, IntStream.range(0, size).mapToObj(i -> columns.stream().map(column -> column.get(i)).toList()).toList());
  }

  private static Image shown(Sample sample, Dataset data) {
    return sample.labels().map(labels -> new Palette(data.classes()).blend(sample.image(), labels)).orElse(sample.image());
  }

  private static List<Image> mixed(List<Sample> samples, Preprocessing preprocessing, Augmentation augmentation, Rng step) {
    Shape shape = preprocessing.shape();
    float[] batch = new float[Math.multiplyExact(samples.size(), shape.size())];
    for (int i = 0; i < samples.size(); i++) {
      preprocessing.normalise(samples.get(i).image(), batch, i * shape.size());
    }
    augmentation.mix(batch, 0, shape.batch(samples.size()), step.at("mix"));
    return IntStream.range(0, samples.size()).mapToObj(i -> image(batch, i * shape.size(), preprocessing)).toList();
  }

  /** The inverse of {@link Preprocessing#normalise}, rounded to samples. */
  private static Image image(float[] values, int offset, Preprocessing preprocessing) {
    int channels = preprocessing.channels();
    int plane = preprocessing.height() * preprocessing.width();
    byte[] pixels = new byte[channels * plane];
    for (int c = 0; c < channels; c++) {
      int to = preprocessing.bgr() ? channels - 1 - c : c;
      for (int i = 0; i < plane; i++) {
        double value = (double) values[offset + c * plane + i] * preprocessing.std().get(c) + preprocessing.mean().get(c);
        pixels[i * channels + to] = (byte) Math.round(Math.clamp(value * MAX, 0, MAX));
      }
    }
    return new Image(preprocessing.width(), preprocessing.height(), channels, pixels);
  }
}

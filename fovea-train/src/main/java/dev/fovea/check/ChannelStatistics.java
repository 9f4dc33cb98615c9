package dev.fovea.check;

import dev.fovea.image.Image;
import java.util.List;
import java.util.Optional;

/**
 * Mean and std of each channel over the pixels of images, of values from 0 to 1.
 *
 * @param images the number of images
 * @param means one per channel
 * @param stds likewise
 */
public record ChannelStatistics(int images, List<Double> means, List<Double> stds) {
  private static final double MAX = 255;

  public ChannelStatistics {
    means = List.copyOf(means);
    stds = List.copyOf(stds);
  }

  static ChannelStatistics of(Image image) {
    int channels = image.channels();
    byte[] pixels = image.pixels();
    long[] sums = new long[channels];
    long[] squares = new long[channels];
    for (int i = 0; i < pixels.length; i++) {
      long value = pixels[i] & 0xff;
      sums[i % channels] += value;
      squares[i % channels] += value * value;
    }
    double count = (double) pixels.length / channels;
    Double[] means = new Double[channels];
    Double[] stds = new Double[channels];
    for (int c = 0; c < channels; c++) {
      means[c] = sums[c] / count / MAX;
      stds[c] = Math.sqrt(Math.max(0, squares[c] / count / MAX / MAX - means[c] * means[c]));
    }
    return new ChannelStatistics(1, List.of(means), List.of(stds));
  }

  /** Over the pixels of all of them, which have the same size; empty for none. */
  static Optional<ChannelStatistics> of(List<ChannelStatistics> each) {
    if (each.isEmpty()) {
      return Optional.empty();
    }
    int channels = each.getFirst().means.size();
    Double[] means = new Double[channels];
    Double[] stds = new Double[channels];
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      double squares = 0;
      for (ChannelStatistics one : each) {
        double mean = one.means.get(c);
        sum += mean;
        squares += mean * mean + one.stds.get(c) * one.stds.get(c);
      }
      means[c] = sum / each.size();
      stds[c] = Math.sqrt(Math.max(0, squares / each.size() - means[c] * means[c]));
    }
    return Optional.of(new ChannelStatistics(each.size(), List.of(means), List.of(stds)));
  }
}

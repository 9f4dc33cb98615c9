package dev.fovea.check;

import dev.fovea.data.Dataset;
import dev.fovea.data.LabelledImage;
import dev.fovea.data.SkippedFile;
import dev.fovea.data.UnreadableImages;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A part of a data set of which each image was decoded once.
 *
 * @param part {@code train}, {@code validation} or {@code test}
 * @param labels the number of images of each class, or if pixels have classes of their pixels; empty for numbers
 * @param unreadable the files that cannot be read, in the order of the images
 * @param widths of the images; 0 for one that cannot be read
 * @param heights likewise
 * @param hashes of the images; null for one that cannot be read
 * @param channels of a sample of the images at the network's input size; empty if none could be read or the network reads no images
 */
@SuppressWarnings("ArrayRecordComponent") // an entry for each image, which only this package reads
record ScannedPart(String part, Dataset data, List<Long> labels, List<SkippedFile> unreadable, int[] widths, int[] heights,
    @Nullable ImageHashes[] hashes, Optional<ChannelStatistics> channels) {
  /** The maximum number of images whose channels are measured. */
  private static final int SAMPLE = 1000;

  /** Reads all images on all processors; {@code progress} receives the number of images done. */
  static ScannedPart of(String part, Dataset data, Optional<Preprocessing> input, IntConsumer progress) {
    int count = data.size();
    int[] widths = new int[count];
    int[] heights = new int[count];
    @Nullable ImageHashes[] hashes = new ImageHashes[count];
    int sampled = Math.min(SAMPLE, count);
    @Nullable ChannelStatistics[] sample = new ChannelStatistics[sampled];
    AtomicLongArray labels = new AtomicLongArray(data.classes().size());
    SortedMap<Integer, UnreadableImages> failed = new ConcurrentSkipListMap<>();
    AtomicInteger done = new AtomicInteger();
    Object lock = new Object();
    IntStream.range(0, count).parallel().forEach(i -> {
      try {
        Image image = read(data, i, labels);
        widths[i] = image.width();
        heights[i] = image.height();
        hashes[i] = ImageHashes.of(image);
        int at = (int) ((long) i * sampled / count);
        // the first image of each of the sample's intervals
        if (i == 0 || (long) (i - 1) * sampled / count != at) {
          input.filter(p -> p.channels() == 1 || p.channels() == 3)
              .ifPresent(p -> sample[at] = ChannelStatistics.of(p.fit(image)));
        }
      } catch (UnreadableImages e) {
        failed.put(i, e);
      }
      synchronized (lock) {
        progress.accept(done.incrementAndGet());
      }
    });
    List<SkippedFile> unreadable = new ArrayList<>();
    failed.values().forEach(f -> unreadable.addAll(f.files()));
    return new ScannedPart(part, data, IntStream.range(0, labels.length()).mapToObj(labels::get).toList(),
        List.copyOf(unreadable),
        widths, heights, hashes, ChannelStatistics.of(present(sample)));
  }

  private static List<ChannelStatistics> present(@Nullable ChannelStatistics[] sample) {
    List<ChannelStatistics> present = new ArrayList<>();
    for (ChannelStatistics one : sample) {
      if (one != null) {
        present.add(one);
      }
    }
    return present;
  }

  private static Image read(Dataset data, int index, AtomicLongArray labels) {
    if (!data.segments()) {
      Image image = data.image(index);
      count(data, index, labels);
      return image;
    }
    LabelledImage labelled = data.labelled(index);
    for (byte label : labelled.labels().classes()) {
      if ((label & 0xff) != LabelMap.VOID) {
        labels.incrementAndGet(label & 0xff);
      }
    }
    return labelled.image();
  }

  private static void count(Dataset data, int index, AtomicLongArray labels) {
    switch (data.task()) {
      case Task.SeveralLabels several -> {
        float[] target = new float[several.size()];
        data.target(index, target, 0);
        IntStream.range(0, target.length).filter(c -> target[c] == 1).forEach(labels::incrementAndGet);
      }
      case Task.Numbers _ -> {}
      case Task.OneLabel _, Task.None _ -> labels.incrementAndGet(data.label(index));
    }
  }

  int size() {
    return widths.length;
  }

  /** The indices of the images that were read. */
  IntStream readable() {
    return IntStream.range(0, widths.length).filter(i -> widths[i] > 0);
  }
}

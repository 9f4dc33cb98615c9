package dev.fovea.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Dataset;
import dev.fovea.image.Image;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DuplicatesTest {
  /** Images with their labels. */
  private record Given(String name, List<Image> images, List<Integer> labels) implements Dataset {
    @Override
    public int size() {
      return images.size();
    }

    @Override
    public List<String> classes() {
      return List.of("a", "b");
    }

    @Override
    public int label(int index) {
      return labels.get(index);
    }

    @Override
    public Image image(int index) {
      return images.get(index);
    }

    @Override
    public Shape shape() {
      return Shape.of(1, 32, 32);
    }
  }

  private static ScannedPart part(String name, List<Image> images, Integer... labels) {
    return ScannedPart.of(name, new Given(name, images, List.of(labels)), Optional.empty(), _ -> {});
  }

  /** Smooth shapes: a sum of a few waves, so that neighbouring pixels are alike as in photos. */
  private static Image photo(long seed) {
    Random random = new Random(seed);
    double[] waves = random.doubles(12, 0.5, 4).toArray();
    byte[] pixels = new byte[32 * 32];
    for (int i = 0; i < pixels.length; i++) {
      double x = i % 32 / 32.0;
      double y = Math.floorDiv(i, 32) / 32.0;
      double sum = 0;
      for (int w = 0; w < waves.length; w += 3) {
        sum += Math.sin(6 * (waves[w] * x + waves[w + 1] * y) + 3 * waves[w + 2]);
      }
      pixels[i] = (byte) (127 + 25 * sum);
    }
    return new Image(32, 32, 1, pixels);
  }

  private static Image brighter(Image image) {
    byte[] pixels = image.pixels().clone();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Math.min(255, (pixels[i] & 0xff) + 9);
    }
    return new Image(image.width(), image.height(), 1, pixels);
  }

  @Test
  void equalPixelsInAnyPartAreFound() {
    Image same = photo(1);
    Duplicates found = Duplicates.of(List.of(part("train", List.of(photo(2), same, same), 0, 0, 1),
        part("validation", List.of(photo(3), same), 0, 1)), false);
    assertThat(found.near()).isEmpty();
    assertThat(found.exact()).singleElement().satisfies(group -> {
      assertThat(group.labels()).isEqualTo(2);
      assertThat(group.images()).extracting(Duplicates.Member::part).containsExactly("train", "train", "validation");
      assertThat(group.images()).extracting(Duplicates.Member::index).containsExactly(1, 2, 1);
      assertThat(group.images().getLast().source()).isEqualTo("validation image 1");
    });
    assertThat(found.leaks()).containsExactly(new Duplicates.Leak("train", "validation", 1, 0));
  }

  @Test
  void changedImagesLookAlikeAndOthersDoNot() {
    Image original = photo(4);
    List<Image> train = List.of(photo(5), original, photo(6), photo(7));
    Duplicates found = Duplicates.of(List.of(part("train", train, 0, 0, 0, 1),
        part("test", List.of(brighter(original), original.resize(48, 40)), 0, 0)), true);
    assertThat(found.exact()).isEmpty();
    assertThat(found.near()).singleElement().satisfies(group -> assertThat(group.images()).hasSize(3));
    assertThat(found.leaks()).containsExactly(new Duplicates.Leak("train", "test", 0, 2));
    assertThat(Duplicates.of(List.of(part("train", train, 0, 0, 0, 1)), false).near()).isEmpty();
  }

  @Test
  void flatImagesAreNotAlike() {
    List<Image> flat = new ArrayList<>();
    for (int value : new int[] {0, 100, 200}) {
      byte[] pixels = new byte[64];
      Arrays.fill(pixels, (byte) value);
      flat.add(new Image(8, 8, 1, pixels));
    }
    Duplicates found = Duplicates.of(List.of(part("train", flat, 0, 1, 0)), true);
    assertThat(found.exact()).isEmpty();
    assertThat(found.near()).isEmpty();
  }

  /** Against comparing all pairs; half of the hashes are others with up to 5 bits changed, so that distances of 3 and 4 occur. */
  @Test
  void bandsFindExactlyTheNearPairs() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Set<Long> hashes = new HashSet<>();
    while (hashes.size() < 600) {
      long hash = hashes.isEmpty() || random.nextBoolean() ? random.nextLong() : hashes.iterator().next();
      for (int n = random.nextInt(6); n > 0; n--) {
        hash ^= 1L << random.nextInt(64);
      }
      hashes.add(hash);
    }
    long[] all = hashes.stream().mapToLong(Long::longValue).toArray();
    Set<Long> expected = new HashSet<>();
    for (int a = 0; a < all.length; a++) {
      for (int b = a + 1; b < all.length; b++) {
        if (Long.bitCount(all[a] ^ all[b]) <= NearHashes.MAX_DISTANCE) {
          expected.add((long) a << 32 | b);
        }
      }
    }
    Set<Long> found = new HashSet<>();
    NearHashes.find(all, (a, b) -> found.add((long) Math.min(a, b) << 32 | Math.max(a, b)));
    assertThat(expected).as("seed %d", seed).isNotEmpty();
    assertThat(found).as("seed %d", seed).isEqualTo(expected);
  }

  /** Random hashes agree in 16 bits with 1 of 65,536 others, so that four bands have about 4 x 100,000^2 / 2 / 65,536 candidates. */
  @Test
  @Tag("slow")
  void aHundredThousandHashesNeedFewComparisons() {
    Random random = new Random(5);
    long[] all = random.longs(100_000).toArray();
    all[77] = all[99_000] ^ 7;
    List<List<Integer>> found = new ArrayList<>();
    NearHashes.find(all, (a, b) -> found.add(List.of(Math.min(a, b), Math.max(a, b))));
    assertThat(found).isNotEmpty().allMatch(pair -> pair.equals(List.of(77, 99_000)));
  }

  /** The sums of a batch of images are those of all pixels. */
  @Test
  void statisticsOfImagesAreThoseOfTheirPixels() {
    Image a = new Image(2, 1, 1, new byte[] {0, 51});
    Image b = new Image(2, 1, 1, new byte[] {(byte) 204, (byte) 255});
    ChannelStatistics both =
        ChannelStatistics.of(List.of(ChannelStatistics.of(a), ChannelStatistics.of(b))).orElseThrow();
    // of 0, 0.2, 0.8 and 1: mean 0.5, variance (0.25 + 0.09 + 0.09 + 0.25) / 4
    assertThat(both.images()).isEqualTo(2);
    assertThat(both.means().getFirst()).isCloseTo(0.5, within(1e-12));
    assertThat(both.stds().getFirst()).isCloseTo(Math.sqrt(0.17), within(1e-12));
  }
}

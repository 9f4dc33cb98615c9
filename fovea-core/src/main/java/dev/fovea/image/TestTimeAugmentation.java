package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The views of an image over which a classifier's probabilities are averaged. Corners and centre are crops of the size of the
 * network's input from a larger image, as in Krizhevsky et al. 2012 (ImageNet classification with deep convolutional neural networks,
 * section 4.1): the one that the preprocessing crops, if it resizes the shorter side to a length of its own; otherwise one that is 8/7
 * as large as the input, as 256 is of 224.
 */
public enum TestTimeAugmentation {
  /** The image alone. */
  NONE(1),

  /** The image and its mirror image. */
  FLIP(2),

  /** The four corners and the centre. */
  FIVE_CROP(5),

  /** The four corners, the centre, and the mirror image of each. */
  TEN_CROP(10);

  private final int count;

  TestTimeAugmentation(int count) {
    this.count = count;
  }

  /** The number of views. */
  public int count() {
    return count;
  }

  /** As in options: {@code none}, {@code flip}, {@code five-crop}, {@code ten-crop}. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The views of an image, in the network's channels and size; the first is what the preprocessing alone gives, except for crops.
   *
   * @throws FoveaException if crops are asked of preprocessing that centres the ink of handwriting, which has no corners
   */
  public List<Image> views(Image image, Preprocessing preprocessing) {
    List<Image> views = this == FIVE_CROP || this == TEN_CROP ? preprocessing.corners(image, spelling())
        : new ArrayList<>(List.of(preprocessing.fit(image)));
    if (this == FLIP || this == TEN_CROP) {
      List.copyOf(views).forEach(view -> views.add(mirrored(view)));
    }
    return List.copyOf(views);
  }

  private static Image mirrored(Image image) {
    int channels = image.channels();
    int row = image.width() * channels;
    byte[] from = image.pixels();
    byte[] to = new byte[from.length];
    for (int left = 0; left < from.length; left += channels) {
      int start = left - left % row;
      int right = start + row - channels - (left - start);
      for (int c = 0; c < channels; c++) {
        to[right + c] = from[left + c];
      }
    }
    return new Image(image.width(), image.height(), channels, to);
  }
}

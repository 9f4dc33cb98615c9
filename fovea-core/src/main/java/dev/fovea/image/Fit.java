package dev.fovea.image;

/** How an image of any size is fitted to a network's input size. */
public enum Fit {
  /** Resized to exactly height and width, without keeping the aspect ratio. */
  STRETCH,

  /**
   * Resized with its aspect ratio kept until the shorter side fits, or to {@link Preprocessing#resize}; then the centre is cropped.
   */
  CROP,

  /**
   * For digits and letters on a page. An image whose background (the median of its border) is bright is inverted, so that ink
   * is bright; one that already has the network's size is not changed otherwise. In any other the ink is found, cropped,
   * scaled to 20/28 of the size with its aspect ratio kept, and centred by its centre of mass, as in MNIST (LeCun,
   * Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998, section III.A). Uneven
   * light and specks are handled, so a photograph of pen on paper works. A page without ink becomes an image of background.
   */
  INK
}

package dev.fovea.image;

/** How an image of any size is brought to the size a network reads. */
public enum Fit {
  /** Resized to exactly height and width, whatever that does to the proportions. */
  STRETCH,

  /** Resized, proportions kept, until the shorter side fits; what the longer side has too much is cut off evenly at both ends. */
  CROP,

  /**
   * For digits and letters on a page. An image whose background (the median of its border) is bright is inverted, so that ink
   * is bright; one that already has the network's size is otherwise taken as it is. In any other the ink is found, cropped,
   * scaled to 20/28 of the size with its proportions kept, and its centre of mass put in the middle, as MNIST was made (LeCun,
   * Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998, section III.A). Light may be
   * uneven, and specks are ignored: a photograph of pen on paper will do. A page without ink becomes an image of background.
   */
  INK
}

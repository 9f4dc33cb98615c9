package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Converts an image to a network's input: the image is converted to the network's channels and size, and its values become
 * {@code (value / 255 - mean) / std}, in CHW order.
 *
 * @param channels 1 (grey) or 3 (RGB) for images; other values are allowed for networks that read something else than images
 * @param height in pixels
 * @param width in pixels
 * @param fit how an image of another size is fitted to this one
 * @param resize for {@link Fit#CROP}: the length in pixels to which the shorter side is resized before the crop, such as 256 for a
 *     crop of 224 x 224; 0 if it is resized until the crop just fits
 * @param bgr whether the first of three channels is blue, as in Caffe's networks, and not red
 * @param mean per channel of the input, of values from 0 to 1
 * @param std per channel of the input, above 0; 1/255 and a mean of 0 give values from 0 to 255
 */
public record Preprocessing(int channels, int height, int width, Fit fit, int resize, boolean bgr, List<Float> mean,
    List<Float> std) {
  /** ImageNet's mean of red, green and blue. */
  public static final List<Float> IMAGENET_MEAN = List.of(0.485f, 0.456f, 0.406f);

  /** ImageNet's std of red, green and blue. */
  public static final List<Float> IMAGENET_STD = List.of(0.229f, 0.224f, 0.225f);

  public Preprocessing {
    // The shape checks that each is 1 or more and that their product does not overflow.
    Shape.of(channels, height, width);
    Objects.requireNonNull(fit, "fit");
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.size() != channels || std.size() != channels) {
      throw new FoveaException("preprocessing: " + channels + " channels need one mean and one std each, got "
          + mean.size() + " and " + std.size());
    }
    if (resize != 0 && (fit != Fit.CROP || resize < Math.max(height, width))) {
      throw new FoveaException(
          "preprocessing: a crop of " + height + "x" + width + " from an image whose shorter side is " + resize
              + (fit == Fit.CROP ? ": the shorter side must not be smaller than the crop" : " is not what " + fit + " does"));
    }
    if (bgr && channels != 3) {
      throw new FoveaException("preprocessing: blue, green, red needs 3 channels, got " + channels);
    }
    for (int c = 0; c < channels; c++) {
      float d = std.get(c);
      if (!Float.isFinite(mean.get(c)) || !Float.isFinite(1 / d) || !Float.isFinite(d) || d <= 0) {
        throw new FoveaException("preprocessing: channel " + c + " needs a finite mean and a std above 0, got "
            + mean.get(c) + " and " + d);
      }
    }
  }

  /** For red, green, blue or grey images, without another size before the crop. */
  public Preprocessing(int channels, int height, int width, Fit fit, List<Float> mean, List<Float> std) {
    this(channels, height, width, fit, 0, false, mean, std);
  }

  /** For a network that reads {@code channels x height x width}; mean 0 and std 1, so values are from 0 to 1. */
  public static Preprocessing of(Shape chw, Fit fit) {
    if (chw.rank() != 3) {
      throw new FoveaException("preprocessing: an image's shape is channels x height x width, got " + chw);
    }
    int channels = chw.dim(0);
    return new Preprocessing(
        channels, chw.dim(1), chw.dim(2), fit, 0, false, Collections.nCopies(channels, 0f), Collections.nCopies(channels, 1f));
  }

  /** A copy with other means, one per channel. */
  public Preprocessing mean(float... mean) {
    return new Preprocessing(channels, height, width, fit, resize, bgr, list(mean), std);
  }

  /** A copy with other stds, one per channel. */
  public Preprocessing std(float... std) {
    return new Preprocessing(channels, height, width, fit, resize, bgr, mean, list(std));
  }

  /** A copy for colour images with ImageNet's mean and std. */
  public Preprocessing imageNet() {
    return new Preprocessing(channels, height, width, fit, resize, bgr, IMAGENET_MEAN, IMAGENET_STD);
  }

  /** A copy with another fit; {@link #resize} is 0. */
  public Preprocessing fit(Fit fit) {
    return new Preprocessing(channels, height, width, fit, 0, bgr, mean, std);
  }

  /** A copy that resizes an image's shorter side to this length, in pixels, and then crops its centre. */
  public Preprocessing resize(int shorterSide) {
    return new Preprocessing(channels, height, width, Fit.CROP, shorterSide, bgr, mean, std);
  }

  /** A copy whose first channel is blue, or red. */
  public Preprocessing bgr(boolean bgr) {
    return new Preprocessing(channels, height, width, fit, resize, bgr, mean, std);
  }

  /** A copy with another size, in pixels; a shorter side before the crop is scaled with it. */
  public Preprocessing size(int height, int width) {
    int larger = Math.max(height, width);
    long proportional = (long) resize * larger / Math.max(this.height, this.width);
    int scaled = resize == 0 ? 0 : Math.clamp(proportional, larger, Integer.MAX_VALUE);
    return new Preprocessing(channels, height, width, fit, scaled, bgr, mean, std);
  }

  private static List<Float> list(float[] values) {
    List<Float> list = new ArrayList<>(values.length);
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  /** The shape that {@link #apply} writes: channels x height x width. */
  public Shape shape() {
    return Shape.of(channels, height, width);
  }

  /** The image with the network's channels and size; the image itself if it already has both and needs no change. */
  public Image fit(Image image) {
    requireImages();
    return switch (fit) {
      case STRETCH -> image.channels(channels).resize(width, height);
      case CROP -> cropped(image.channels(channels));
      case INK -> Ink.fit(image.grey(), width, height).channels(channels);
    };
  }

  private void requireImages() {
    if (channels != 1 && channels != 3) {
      throw new FoveaException("preprocessing: the network expects " + channels + " channels, an image has 1 (grey) or 3 (RGB)");
    }
  }

  private Image cropped(Image image) {
    Resized full = resized(image);
    return full.window(full.centredLeft(), full.centredTop());
  }

  /** The four corners of the resized image, row by row, and its centre, see {@link TestTimeAugmentation}. */
  List<Image> corners(Image image, String what) {
    requireImages();
    if (fit == Fit.INK) {
      throw new FoveaException(what + ": the model centres the ink of handwriting, which has no corners: choose flip, or none");
    }
    Image converted = image.channels(channels);
    Resized full = fit == Fit.STRETCH ? new Resized(converted, this, larger(width), larger(height))
        : resize > 0 ? resized(converted) : resize(larger(Math.max(height, width))).resized(converted);
    long right = full.width - width;
    long bottom = full.height - height;
    List<Image> views = new ArrayList<>();
    views.add(full.window(0, 0));
    views.add(full.window(right, 0));
    views.add(full.window(0, bottom));
    views.add(full.window(right, bottom));
    views.add(full.window(full.centredLeft(), full.centredTop()));
    return views;
  }

  /** 8/7 of a length, rounded up: 256 of 224. */
  private static int larger(int length) {
    return (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(8L * length, 7));
  }

  /** An image resized to {@code width} by {@code height}, of which only windows of the network's size are computed. */
  private record Resized(Image image, Preprocessing to, long width, long height) {
    long centredLeft() {
      return (long) Math.rint((width - to.width) / 2.0);
    }

    long centredTop() {
      return (long) Math.rint((height - to.height) / 2.0);
    }

    Image window(long left, long top) {
      return Resize.window(image, new Resize.Span(image.width(), width, left, to.width),
          new Resize.Span(image.height(), height, top, to.height), Interpolation.BILINEAR);
    }
  }

  /** The whole image at the size from which {@link Fit#CROP} crops. */
  private Resized resized(Image image) {
    long fullWidth = Math.max(width, (long) ((double) image.width() * height / image.height()));
    long fullHeight = height;
    if (resize > 0) {
      int shorter = Math.min(image.width(), image.height());
      fullWidth = (long) resize * image.width() / shorter;
      fullHeight = (long) resize * image.height() / shorter;
    } else if ((long) image.width() * height < (long) width * image.height()) {
      fullWidth = width;
      fullHeight = Math.max(height, (long) ((double) image.height() * width / image.width()));
    }
    return new Resized(image, this, fullWidth, fullHeight);
  }

  /**
   * The whole image with the network's channels, to take random parts of: reduced with its aspect ratio kept until its shorter side
   * has the length {@link #resize}, or 256/224 of the input's larger side if there is none, and it has at most
   * {@link #uncroppedPixels} pixels. A smaller image keeps its size. For {@link Fit#INK} as {@link #fit}.
   */
  public Image uncropped(Image image) {
    if (fit == Fit.INK) {
      return fit(image);
    }
    double full = (double) image.width() * image.height();
    double scale = Math.min(
        (double) shorterSide() / Math.min(image.width(), image.height()), Math.sqrt(uncroppedPixels() / full));
    if (scale >= 1) {
      return image.channels(channels);
    }
    int reducedWidth = (int) Math.max(1, image.width() * scale + 0.5);
    int reducedHeight = (int) Math.max(1, image.height() * scale + 0.5);
    return image.channels(channels).resize(reducedWidth, reducedHeight);
  }

  /** The bound of the pixels of an image that {@link #uncropped} gives, about: those of one that is twice as wide as high. */
  public long uncroppedPixels() {
    return 2L * shorterSide() * shorterSide();
  }

  private int shorterSide() {
    return resize > 0 ? resize : larger(Math.max(width, height));
  }

  /**
   * A part of an image, in its pixels.
   *
   * @param left of its first column; negative if the network sees beyond the image
   */
  public record Region(double left, double top, double width, double height) {}

  /** The part of an image of that size that the network sees; empty for {@link Fit#INK}, which moves what it finds. */
  public Optional<Region> region(Image image) {
    return switch (fit) {
      case STRETCH -> Optional.of(new Region(0, 0, image.width(), image.height()));
      case CROP -> {
        Resized full = resized(image);
        double x = (double) image.width() / full.width;
        double y = (double) image.height() / full.height;
        yield Optional.of(new Region(full.centredLeft() * x, full.centredTop() * y, width * x, height * y));
      }
      case INK -> Optional.empty();
    };
  }

  /** Writes an image that has the network's channels and size as {@code channels * height * width} floats, CHW. */
  public void normalise(Image fitted, float[] to, int offset) {
    if (fitted.channels() != channels || fitted.height() != height || fitted.width() != width) {
      throw new FoveaException("preprocessing: expected an image of " + width + "x" + height + "x" + channels + ", got "
          + fitted + "; call fit first");
    }
    byte[] pixels = fitted.pixels();
    int plane = height * width;
    Objects.checkFromIndexSize(offset, pixels.length, to.length);
    for (int c = 0; c < channels; c++) {
      float scale = (float) (1 / (255.0 * std.get(c)));
      float shift = -mean.get(c) / std.get(c);
      int start = offset + c * plane;
      if (channels == 1) {
        normaliseGrey(pixels, scale, shift, to, start);
      } else {
        for (int i = 0, from = bgr ? 2 - c : c; i < plane; i++, from += channels) {
          to[start + i] = (pixels[from] & 0xff) * scale + shift;
        }
      }
    }
  }

  private static void normaliseGrey(byte[] pixels, float scale, float shift, float[] to, int start) {
    for (int i = 0; i < pixels.length; i++) {
      to[start + i] = (pixels[i] & 0xff) * scale + shift;
    }
  }

  /** The image that {@link #normalise} would make these values of; those beyond black and white are black and white. */
  public Image image(float[] values, int offset) {
    int plane = height * width;
    byte[] pixels = new byte[channels * plane];
    for (int c = 0; c < channels; c++) {
      int to = bgr ? 2 - c : c;
      for (int i = 0; i < plane; i++) {
        float value = (values[offset + c * plane + i] * std.get(c) + mean.get(c)) * 255;
        pixels[i * channels + to] = (byte) Math.clamp(Math.round(value), 0, 255);
      }
    }
    return new Image(width, height, channels, pixels);
  }

  /** {@link #fit(Image)}, then {@link #normalise}. */
  public void apply(Image image, float[] to, int offset) {
    normalise(fit(image), to, offset);
  }
}

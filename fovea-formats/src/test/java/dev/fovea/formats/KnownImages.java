package dev.fovea.formats;

import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import dev.fovea.testkit.RealData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Images that others ran their networks on. */
public final class KnownImages {
  public static final int COUNT = 1000;

  private KnownImages() {}

  /** The images as a network gets them. */
  public static Tensor batch(List<Image> images, Preprocessing p) {
    Shape shape = p.shape().batch(images.size());
    float[] values = new float[shape.size()];
    for (int i = 0; i < images.size(); i++) {
      p.apply(images.get(i), values, i * p.shape().size());
    }
    return new Tensor(shape, values);
  }

  /** The first test images of CIFAR-10: records of a label and 32 x 32 red, green and blue values. */
  public static List<Image> cifar() throws IOException {
    byte[] bytes = Files.readAllBytes(RealData.folder("cifar10").resolve("test_batch_first1000.bin"));
    int plane = 32 * 32;
    List<Image> images = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      byte[] pixels = new byte[3 * plane];
      for (int j = 0; j < pixels.length; j++) {
        pixels[j] = bytes[i * (3 * plane + 1) + 1 + j % 3 * plane + j / 3];
      }
      images.add(new Image(32, 32, 3, pixels));
    }
    return images;
  }

  /** The first test images of MNIST: 28 x 28 grey values after a header of 16 bytes. */
  public static List<Image> mnist() throws IOException {
    try (InputStream in =
        new GZIPInputStream(Files.newInputStream(RealData.folder("mnist").resolve("t10k-images-idx3-ubyte.gz")))) {
      in.skipNBytes(16);
      List<Image> images = new ArrayList<>();
      for (int i = 0; i < COUNT; i++) {
        images.add(new Image(28, 28, 1, in.readNBytes(28 * 28)));
      }
      return images;
    }
  }
}

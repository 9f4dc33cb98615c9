package dev.fovea.data;

import dev.fovea.data.download.Download;
import dev.fovea.data.download.RemoteFile;
import java.nio.file.Path;
import java.util.List;

/**
 * A data set Fovea knows, for a list of them.
 *
 * @param spec how it is written on the command line, with what may be left out in brackets
 * @param about what it shows
 * @param size how many images of which size
 * @param home where it comes from
 * @param licence what is known of its terms
 * @param here whether it can be used at once without a folder: built in, or found in the cache
 */
public record KnownDataset(String spec, String about, String size, String home, String licence, boolean here) {
  /** All of them, looking for the downloaded ones in {@code cache}; nothing is read but names. */
  public static List<KnownDataset> all(Path cache) {
    return List.of(
        new KnownDataset(DataSpec.Kind.DIGITS.usage(), "digits drawn from a seed, for a first try",
            "20,000 or N + 5,000, 1x28x28",
            "built in", "free of terms", true),
        new KnownDataset(DataSpec.Kind.MNIST.usage(), "handwritten digits", "60,000 + 10,000, 1x28x28, 12 MB",
            Datasets.MNIST_HOME.toString(), "Y. LeCun, C. Cortes; passed on as CC BY-SA 3.0",
            Download.found("mnist", RemoteFile.MNIST, cache)),
        new KnownDataset(DataSpec.Kind.FASHION_MNIST.usage(), "clothes and shoes, ten kinds", "60,000 + 10,000, 1x28x28, 31 MB",
            Datasets.FASHION_HOME.toString(), "MIT, Zalando SE",
            Download.found("fashion-mnist", RemoteFile.FASHION_MNIST, cache)),
        new KnownDataset(DataSpec.Kind.CIFAR10.usage(), "photos of animals and vehicles, ten kinds",
            "50,000 + 10,000, 3x32x32, 170 MB",
            Cifar10.HOME, "no licence stated, for research; cite A. Krizhevsky 2009", Cifar10.isIn(cache.resolve("cifar10"))),
        new KnownDataset(DataSpec.Kind.IDX.usage(), "your own files in MNIST's layout, as EMNIST and KMNIST are", "any, 1xHxW",
            "a folder", "yours", false),
        new KnownDataset(DataSpec.Kind.IMAGES.usage(), "your own images, one folder per class", "any", "a folder", "yours",
            false),
        new KnownDataset(DataSpec.Kind.SEGMENTATION.usage(),
            "images with a class for each pixel, in CamVid's or Pascal VOC's layout",
            "any", "a folder", "yours", false));
  }
}

package dev.fovea.data;

import dev.fovea.data.download.Download;
import dev.fovea.data.download.RemoteFile;
import java.nio.file.Path;
import java.util.List;

/**
 * An entry in the list of known data sets.
 *
 * @param spec its syntax on the command line, with optional parts in brackets
 * @param about its subject
 * @param size number and size of the images
 * @param source the source
 * @param licence its terms, as far as known
 * @param here whether it is available without a folder: built in, or in the cache
 */
public record KnownDataset(String spec, String about, String size, String source, String licence, boolean here) {
  /** All known data sets; {@code cache} is searched for downloaded ones by file name only. */
  public static List<KnownDataset> all(Path cache) {
    return List.of(
        new KnownDataset(DataSpec.Kind.DIGITS.usage(), "digits drawn from a seed, for a first try",
            "20,000 or N + 5,000, 1x28x28",
            "built in", "no restrictions", true),
        new KnownDataset(DataSpec.Kind.MNIST.usage(), "handwritten digits", "60,000 + 10,000, 1x28x28, 12 MB",
            Datasets.MNIST_SOURCE.toString(), "Y. LeCun, C. Cortes; distributed as CC BY-SA 3.0",
            Download.found("mnist", RemoteFile.MNIST, cache)),
        new KnownDataset(DataSpec.Kind.FASHION_MNIST.usage(), "clothes and shoes, ten classes", "60,000 + 10,000, 1x28x28, 31 MB",
            Datasets.FASHION_SOURCE.toString(), "MIT, Zalando SE",
            Download.found("fashion-mnist", RemoteFile.FASHION_MNIST, cache)),
        new KnownDataset(DataSpec.Kind.CIFAR10.usage(), "photos of animals and vehicles, ten classes",
            "50,000 + 10,000, 3x32x32, 170 MB",
            Cifar10.SOURCE, "no licence stated, for research; cite A. Krizhevsky 2009", Cifar10.isIn(cache.resolve("cifar10"))),
        new KnownDataset(DataSpec.Kind.CIFAR100.usage(), "photos, a hundred classes", "50,000 + 10,000, 3x32x32, 169 MB",
            Cifar100.SOURCE, "no licence stated, for research; cite A. Krizhevsky 2009",
            Cifar100.isIn(cache.resolve("cifar100"))),
        new KnownDataset(DataSpec.Kind.CIFAR100_COARSE.usage(), "the same photos, with their twenty superclasses",
            "50,000 + 10,000, 3x32x32, 169 MB",
            Cifar100.SOURCE, "no licence stated, for research; cite A. Krizhevsky 2009",
            Cifar100.isIn(cache.resolve("cifar100"))),
        new KnownDataset(DataSpec.Kind.IDX.usage(), "your own files in MNIST's layout, as EMNIST and KMNIST are", "any, 1xHxW",
            "a folder", "yours", false),
        new KnownDataset(DataSpec.Kind.IMAGES.usage(), "your own images, one folder per class", "any", "a folder", "yours",
            false),
        new KnownDataset(DataSpec.Kind.SEGMENTATION.usage(),
            "images with a class for each pixel, in CamVid's or Pascal VOC's layout",
            "any", "a folder", "yours", false),
        new KnownDataset(DataSpec.Kind.VOC.usage(), "Pascal VOC's segmentation, 21 classes with background",
            "1,464 + 1,449 of 2012, 2 GB unpacked", "http://host.robots.ox.ac.uk/pascal/VOC/voc2012/",
            "photos under Flickr's terms, for research", false),
        new KnownDataset(DataSpec.Kind.TAR.usage(), "tar archives as WebDataset writes them, read without unpacking", "any",
            "a folder, or a pattern of file names", "yours", false),
        new KnownDataset(DataSpec.Kind.CSV.usage(), "your own images, listed with one label, several labels or numbers", "any",
            "a table", "yours", false));
  }
}

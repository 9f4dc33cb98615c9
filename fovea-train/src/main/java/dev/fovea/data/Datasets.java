package dev.fovea.data;

import dev.fovea.data.download.Download;
import dev.fovea.data.download.RemoteFile;
import dev.fovea.format.FileNames;
import dev.fovea.image.Fit;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Rng;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Opens data sets by their names on the command line. */
public final class Datasets {
  static final URI MNIST_SOURCE = URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/");

  /** The server does not support https; the files are verified by hashes. */
  static final URI FASHION_SOURCE = URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");

  private Datasets() {}

  /** As {@link #open(DataSpec, DataOptions)}, for {@link DataSpec#parse text}, with the standard options. */
  public static Split open(String spec) {
    return open(spec, DataOptions.standard());
  }

  /** As {@link #open(DataSpec, DataOptions)}, for {@link DataSpec#parse text}. */
  public static Split open(String spec, DataOptions options) {
    return open(DataSpec.parse(spec), options);
  }

  /**
   * Opens a data set. If it has no validation images, some of the training images are held out.
   *
   * @throws FoveaException in one line naming the file or folder, if something is missing or damaged or cannot be downloaded
   */
  public static Split open(DataSpec spec, DataOptions options) {
    return parts(spec, options).split(options);
  }

  /**
   * Finds a data set, with the parts that it has.
   *
   * @throws FoveaException in one line naming the file or folder, if something is missing or damaged or cannot be downloaded
   */
  public static DatasetParts parts(DataSpec spec, DataOptions options) {
    DatasetParts found = switch (spec.kind()) {
      case DIGITS -> new DatasetParts(DigitsDataset.train(options.seed(), spec.count()), Optional.of(DigitsDataset.test()));
      case MNIST -> {
        Path folder = spec.folder().orElseGet(() -> fetch("mnist", MNIST_SOURCE, RemoteFile.MNIST, options));
        yield pair(Mnist.read("mnist", folder, ClassNames.DIGITS, Fit.INK));
      }
      case FASHION_MNIST -> {
        Path folder = spec.folder().orElseGet(() -> fetch("fashion-mnist", FASHION_SOURCE, RemoteFile.FASHION_MNIST, options));
        yield pair(Mnist.read("fashion-mnist", folder, ClassNames.FASHION, Fit.STRETCH));
      }
      case IDX -> pair(Mnist.readNumbered("idx", spec.folder().orElseThrow()));
      case CIFAR10 -> {
        Path folder = spec.folder().orElseGet(() -> cached(spec, "cifar10", Cifar10.SOURCE, Cifar10::isIn, options));
        yield new DatasetParts(Cifar10.train(folder), Cifar10.test(folder));
      }
      case CIFAR100, CIFAR100_COARSE -> {
        Path folder = spec.folder().orElseGet(() -> cached(spec, "cifar100", Cifar100.SOURCE, Cifar100::isIn, options));
        yield Cifar100.parts(folder, spec.kind() == DataSpec.Kind.CIFAR100 ? Cifar100.Labels.FINE : Cifar100.Labels.COARSE);
      }
      case SEGMENTATION -> SegmentationFolder.parts(spec.folder().orElseThrow(), options.messages());
      case VOC -> SegmentationFolder.parts(SegmentationLayout.voc(spec.folder().orElseThrow()), options.messages());
      case TAR -> TarShards.parts(spec.folder().orElseThrow(), options.messages());
      case CSV -> CsvDataset.parts(spec.folder().orElseThrow(), spec.columns(), options);
      case IMAGES -> ImageFolder.parts(spec.folder().orElseThrow(), options.messages());
    };
    return options.skipUnreadable() ? found.readable(options.messages()) : found;
  }

  private static DatasetParts pair(List<MemoryDataset> trainAndTest) {
    return new DatasetParts(trainAndTest.getFirst(), Optional.of(trainAndTest.getLast()));
  }

  private static Path fetch(String kind, URI source, List<RemoteFile> files, DataOptions options) {
    String otherwise = "name the folder, as in " + kind + ":DIR, or use digits, which needs no file";
    return new Download(kind, options.source().orElse(source), options.cache().resolve(kind), otherwise, options.messages())
        .fetch(files);
  }

  /** The archive is a tar file of 170 MB that the user downloads and unpacks; it is found if that was done in the cache. */
  private static Path cached(DataSpec spec, String name, String source, Predicate<Path> isIn, DataOptions options) {
    Path folder = options.cache().resolve(name);
    if (!isIn.test(folder)) {
      throw new FoveaException(spec + ": not in the cache and not downloaded automatically; get " + source
          + ", unpack it and name the folder, as in " + spec + ":DIR, or use digits, which needs no file");
    }
    return folder;
  }

  /** As {@link #only(Dataset, List)}, for each part. */
  public static Split only(Split split, List<String> classes) {
    return new Split(only(split.train(), classes), only(split.validation(), classes), split.test().map(t -> only(t, classes)),
        split.skipped());
  }

  /**
   * The images of some classes; the labels are their indices in {@code classes}.
   *
   * @throws FoveaException if a class is unknown, named twice or has no image, fewer than two are named, or they are
   *     classes of pixels
   */
  public static Dataset only(Dataset dataset, List<String> classes) {
    if (dataset.segments()) {
      throw new FoveaException(dataset.name() + ": classes of pixels cannot be selected; use all of them");
    }
    requireOneLabel(dataset, "classes are selected");
    if (classes.size() < 2) {
      throw new FoveaException(dataset.name() + ": expected two classes or more to choose, got " + classes
          + "; name more, as in " + dataset.classes().getFirst() + ","
          + dataset.classes().getLast());
    }
    int[] relabel = new int[dataset.classes().size()];
    Arrays.fill(relabel, -1);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < classes.size(); i++) {
      String name = classes.get(i);
      int label = dataset.classes().indexOf(name);
      if (label < 0) {
        throw unknownClass(dataset, name);
      }
      if (!seen.add(name)) {
        throw new FoveaException(dataset.name() + ": the class '" + FileNames.line(name) + "' is named twice; name each once");
      }
      relabel[label] = i;
    }
    int[] indices = IntStream.range(0, dataset.size()).filter(i -> relabel[dataset.label(i)] >= 0).toArray();
    if (indices.length == 0) {
      throw new FoveaException(dataset.name() + ": has no image of the classes " + classes + "; choose others");
    }
    return Subset.relabelled(dataset, indices, classes, relabel);
  }

  /**
   * At most {@code count} images of each class, chosen by the seed, in their order.
   *
   * @throws FoveaException if they are classes of pixels
   */
  public static Dataset perClass(Dataset dataset, int count, long seed) {
    if (dataset.segments()) {
      throw new FoveaException(dataset.name() + ": has no images of a class each, so that none can be counted; use all of them");
    }
    requireOneLabel(dataset, "images of a class are counted");
    int[] order = Rng.of(seed).at("per class").permutation(dataset.size());
    int[] taken = new int[dataset.classes().size()];
    int[] indices = IntStream.of(order).filter(i -> taken[dataset.label(i)]++ < count).sorted().toArray();
    return dataset.subset(indices, dataset.name());
  }

  /**
   * All images, with labels in a longer list of classes.
   *
   * @throws FoveaException if a class is not among them
   */
  public static Dataset withClasses(Dataset dataset, List<String> classes) {
    int[] relabel = dataset.classes().stream().mapToInt(classes::indexOf).toArray();
    for (int i = 0; i < relabel.length; i++) {
      if (relabel[i] < 0) {
        throw new FoveaException(FileNames.line(dataset.name() + ": its class '" + dataset.classes().get(i) + "' is not among "
            + classes));
      }
    }
    return Subset.relabelled(dataset, IntStream.range(0, dataset.size()).toArray(), classes, relabel);
  }

  private static void requireOneLabel(Dataset dataset, String what) {
    if (!(dataset.task() instanceof Task.OneLabel)) {
      throw new FoveaException(
          dataset.name() + ": " + what + " only where an image has one label, it has " + dataset.task().kind()
              + "; leave the option out, or choose columns");
    }
  }

  private static FoveaException unknownClass(Dataset dataset, String name) {
    List<String> known = dataset.classes();
    String listed = String.join(", ", known.subList(0, Math.min(20, known.size()))) + (known.size() > 20 ? ", ..." : "");
    String hint = Names.near(name, known).map(n -> "; did you mean '" + n + "'?").orElse("");
    return new FoveaException(FileNames.line(dataset.name() + ": there is no class '" + name + "', only " + listed + hint));
  }
}

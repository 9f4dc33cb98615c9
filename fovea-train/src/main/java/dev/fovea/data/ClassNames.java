package dev.fovea.data;

import java.util.List;
import java.util.stream.IntStream;

/** The classes of the data sets whose files do not name them. */
final class ClassNames {
  static final List<String> DIGITS = numbers(10);

  /** Names and order of Xiao, Rasul and Vollgraf (Fashion-MNIST, 2017, table 2). */
  static final List<String> FASHION =
      List.of("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

  static final List<String> CIFAR10 =
      List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  /** The eleven of Badrinarayanan et al. (SegNet, 2017, section 4.1), in the order of their label maps; 11 is unlabelled. */
  static final List<String> CAMVID = List.of(
      "Sky", "Building", "Pole", "Road", "Pavement", "Tree", "SignSymbol", "Fence", "Car", "Pedestrian", "Bicyclist");

  /** Background, then the classes in the order of Everingham et al. (The PASCAL Visual Object Classes Challenge, 2010). */
  static final List<String> VOC = List.of(
      "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
      "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor");

  private ClassNames() {}

  static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }
}

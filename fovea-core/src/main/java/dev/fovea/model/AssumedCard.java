package dev.fovea.model;

import dev.fovea.graph.BatchDependence;
import dev.fovea.graph.BatchDependence.Dependence;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Op;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** What is assumed about a model whose file says nothing but its graph; for {@link Card#assumed}. */
final class AssumedCard {
  /** The least side of photos, in pixels; networks for smaller images have no usual mean. */
  private static final int PHOTO = 64;

  private AssumedCard() {}

  static Card of(String network, Graph graph) {
    Optional<Preprocessing> image = image(network, graph);
    List<String> classes = image.isEmpty() ? List.of() : classes(graph);
    Map<String, String> provenance = new LinkedHashMap<>();
    if (!classes.isEmpty()) {
      provenance.put(Card.CLASSES, "numbered, since the file names none");
    }
    if (image.isPresent()) {
      provenance.put(Card.PREPROCESSING, "assumed, since the file says nothing: "
          + (isImageNets(image.get()) ? "ImageNet's mean and std" : "values from 0 to 1") + ", images stretched");
    }
    return new Card(network, classes, image, Set.of(), provenance);
  }

  /** Grey or colour images. */
  private static Optional<Preprocessing> image(String network, Graph graph) {
    try {
      Shape image = new StandardForm(network, graph).image().shape().withoutBatch();
      boolean greyOrColour = image.dim(0) == 1 || image.dim(0) == 3;
      return greyOrColour ? Optional.of(preprocessing(image, graph)) : Optional.empty();
    } catch (FoveaException e) {
      return Optional.empty(); // it reads something else than an image
    }
  }

  /** Most files of networks for photos expect ImageNet's mean and std, unless the graph itself changes the values of the input. */
  private static Preprocessing preprocessing(Shape image, Graph graph) {
    Preprocessing zeroToOne = Preprocessing.of(image, Fit.STRETCH);
    boolean photos = image.dim(0) == 3 && Math.min(image.dim(1), image.dim(2)) >= PHOTO
        && graph.nodes().stream().filter(node -> node.inputs().stream().anyMatch(in -> graph.at(in).op() instanceof Op.Input))
            .allMatch(node -> node.op() instanceof Op.Conv || node.op() instanceof Op.Pad);
    return photos ? zeroToOne.imageNet() : zeroToOne;
  }

  private static boolean isImageNets(Preprocessing preprocessing) {
    return preprocessing.mean().equals(Preprocessing.IMAGENET_MEAN);
  }

  /** Numbers, if the main output has one row of scores for each image. */
  private static List<String> classes(Graph graph) {
    String main = Model.mainOutput(graph);
    Shape scores = graph.outputShape(main);
    boolean rows = scores.rank() == 2 || scores.rank() == 4 && scores.sizeFrom(2) == 1;
    boolean classifies = rows && scores.dim(0) == 1 && scores.dim(1) >= 2
        && BatchDependence.of(graph).get(graph.output(main).id()) == Dependence.BY_IMAGE;
    return classifies ? IntStream.range(0, scores.dim(1)).mapToObj(String::valueOf).toList() : List.of();
  }
}

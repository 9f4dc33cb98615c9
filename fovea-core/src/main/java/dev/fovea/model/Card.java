package dev.fovea.model;

import dev.fovea.graph.Graph;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model card: the metadata that belongs to a graph and its parameters.
 *
 * @param network the network's name, such as {@code lenet5}
 * @param classes the names of the classes that the model's main output scores, in label order; empty if nothing is known about what
 *     the outputs mean, or they are no scores of classes
 * @param image how an image becomes the network's input; empty if the network reads something else
 * @param integers the outputs that hold integers, such as class indices
 * @param provenance the origin of the parameters: data and its hash, seed, settings, version; free text by key
 */
public record Card(String network, List<String> classes, Optional<Preprocessing> image, Set<String> integers,
    Map<String, String> provenance) {
  /** The key of {@link #provenance} under which assumed classes are explained. */
  public static final String CLASSES = "assumed.classes";

  /** The key of {@link #provenance} under which assumed preprocessing is explained. */
  public static final String PREPROCESSING = "assumed.preprocessing";

  public Card {
    classes = List.copyOf(classes);
    integers = Collections.unmodifiableSet(new LinkedHashSet<>(integers));
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    if (classes.size() == 1) {
      throw new FoveaException("a classifier needs 2 classes or more, got " + classes);
    }
    if (!classes.isEmpty() && image.isEmpty()) {
      throw new FoveaException(
          "a model of " + classes.size() + " classes needs its preprocessing: how an image becomes its input");
    }
  }

  /** The card of a model that scores classes of images or of their pixels. */
  public Card(String network, List<String> classes, Preprocessing preprocessing, Map<String, String> provenance) {
    this(network, classes, Optional.of(preprocessing), Set.of(), provenance);
  }

  /**
   * The card of a model whose file says nothing but its graph. If it has one input, a grey or colour image, and its main output is
   * one row of scores for each image, then the classes are numbered, images are stretched and their values are from 0 to 1; {@link
   * #provenance} says under {@value #CLASSES} and {@value #PREPROCESSING} that this is assumed. Else nothing is.
   */
  public static Card assumed(String network, Graph graph) {
    return AssumedCard.of(network, graph);
  }

  /** The card of a model of which only its name is known. */
  public static Card of(String network) {
    return new Card(network, List.of(), Optional.empty(), Set.of(), Map.of());
  }

  /**
   * How an image becomes the network's input.
   *
   * @throws FoveaException if that is not known
   */
  public Preprocessing preprocessing() {
    return image.orElseThrow(() -> new FoveaException(
        network
            + ": nothing is known about how an image becomes its input; run it on arrays, or convert it with its preprocessing"));
  }

  /** A copy with other classes, which are not assumed. */
  public Card classes(List<String> classes) {
    return new Card(network, classes, image, integers, without(CLASSES));
  }

  /** A copy with other preprocessing, which is not assumed. */
  public Card preprocessing(Preprocessing preprocessing) {
    return new Card(network, classes, Optional.of(preprocessing), integers, without(PREPROCESSING));
  }

  private Map<String, String> without(String key) {
    Map<String, String> rest = new LinkedHashMap<>(provenance);
    rest.keySet().remove(key);
    return rest;
  }

  /** A copy whose outputs of these names hold integers. */
  public Card integers(Set<String> integers) {
    return new Card(network, classes, image, integers, provenance);
  }

  public Card provenance(Map<String, String> provenance) {
    return new Card(network, classes, image, integers, provenance);
  }
}

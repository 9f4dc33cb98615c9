package dev.fovea.model;

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

  public Card classes(List<String> classes) {
    return new Card(network, classes, image, integers, provenance);
  }

  public Card preprocessing(Preprocessing preprocessing) {
    return new Card(network, classes, Optional.of(preprocessing), integers, provenance);
  }

  public Card provenance(Map<String, String> provenance) {
    return new Card(network, classes, image, integers, provenance);
  }
}
